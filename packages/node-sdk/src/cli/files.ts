/** What the command line is given as files: DER or PEM, base64 for signatures, JSON for environments. */
import { readFile } from 'node:fs/promises';
import { type Environment, JpkiError, loadEnvironment } from '@jpki-rp/verifier';
import { CliFault, EXIT } from './terminal.ts';

export const fault = (ja: string, en: string): CliFault => new CliFault(EXIT.input, { ja, en });

export const octetsOf = async (path: string): Promise<Uint8Array> => {
  try {
    return new Uint8Array(await readFile(path));
  } catch {
    throw fault(`読めません: ${path}`, `cannot be read: ${path}`);
  }
};

/** The DER itself, or that of the one PEM block. */
export const derOf = async (path: string): Promise<Uint8Array> => {
  const octets = await octetsOf(path);
  const text = Buffer.from(octets).toString('latin1');
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+?)-----END \1-----/g)];
  if (blocks.length === 0) return octets;
  const [block] = blocks;
  if (blocks.length > 1 || block?.[2] === undefined) throw fault(`PEMは一つだけにしてください: ${path}`, `one PEM block expected: ${path}`);
  return new Uint8Array(Buffer.from(block[2], 'base64'));
};

export const listOf = (value: string | undefined): readonly string[] =>
  value === undefined ? [] : value.split(',').filter((part) => part !== '');

export const environmentOf = async (path: string): Promise<Environment> => {
  const octets = await octetsOf(path);
  try {
    return loadEnvironment(JSON.parse(Buffer.from(octets).toString('utf8')));
  } catch (error) {
    const where = error instanceof JpkiError ? `${error.pointer ?? ''} ${error.message}` : 'JSON';
    throw fault(`環境設定として読めません: ${path} ${where}`, `no environment: ${path} ${where}`);
  }
};

/** An ISO 8601 instant with a zone; the present where none is given. */
export const instantOf = (text: string | undefined, now: () => Date): Date => {
  if (text === undefined) return now();
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new CliFault(EXIT.usage, {
      ja: `日時はISO 8601で、時差付きで指定してください: ${text}`,
      en: `ISO 8601 with a zone expected: ${text}`,
    });
  return new Date(time);
};

export const oneOf = <T extends string>(value: string | undefined, known: readonly T[], option: string): T => {
  const found = known.find((word) => word === value);
  if (found === undefined) {
    throw new CliFault(EXIT.usage, {
      ja: `--${option} は次のいずれかです: ${known.join(', ')}`,
      en: `--${option} is one of: ${known.join(', ')}`,
    });
  }
  return found;
};
