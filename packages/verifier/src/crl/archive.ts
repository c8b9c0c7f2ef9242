/** The CRL as it came, kept under its SHA-256. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileWriter, sweepUnfinished, unfinishedName } from './file-writer.ts';

export interface ArchiveWriter {
  write(chunk: Uint8Array): void;
  publish(sha256: string): void;
  discard(): void;
}

const NAME = 'crl';

/** The file in the folder that holds the CRL with this SHA-256. */
export const archivedCrl = (folder: string, sha256: string): string => join(folder, `${sha256}.crl`);

export const archiveTo = (folder: string): ArchiveWriter => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const target = join(folder, NAME);
  sweepUnfinished(target);
  const file = new FileWriter(unfinishedName(target));
  let position = 0;
  return {
    write: (chunk) => {
      file.writeAt(position, chunk);
      position += chunk.length;
    },
    publish: (sha256) => file.publish(archivedCrl(folder, sha256)),
    discard: () => file.discard(),
  };
};
