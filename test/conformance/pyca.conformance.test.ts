/** pyca/cryptography's unusual files: where our readers and the recorded outcome differ, `docs/conformance/pyca.md` says why. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../../packages/verifier/src/certificate/certificate.ts';
import { DerError } from '../../packages/verifier/src/der/reader.ts';
import { readCertificateList } from '../../packages/verifier/src/revocation/crl/list.ts';
import { readOcspResponse } from '../../packages/verifier/src/revocation/ocsp/response.ts';
import { readBytes, readJson, readPems } from './runner.ts';

interface Files {
  readonly files: readonly {
    readonly file: string;
    readonly kind: 'cert' | 'crl' | 'ocsp-resp' | 'ocsp-req';
    readonly pycaOutcome: string;
  }[];
}

const readers: Readonly<Record<'cert' | 'crl' | 'ocsp-resp', (der: Uint8Array) => unknown>> = {
  cert: readCertificate,
  crl: (der) => readCertificateList(der),
  'ocsp-resp': (der) => readOcspResponse(der),
};

/** Our readers throw nothing but DerError at what strangers wrote. */
const outcomeOf = (kind: keyof typeof readers, file: string): 'parsed' | 'refused' => {
  const der = readPems('pyca-x509', file)[0] ?? readBytes('pyca-x509', file);
  try {
    readers[kind](der);
    return 'parsed';
  } catch (error) {
    if (error instanceof DerError) return 'refused';
    throw error;
  }
};

const cases = readJson<Files>('pyca-x509', 'files.json').files.flatMap(({ file, kind, pycaOutcome }) =>
  kind === 'ocsp-req' ? [] : [{ file, kind, recorded: pycaOutcome.startsWith('parsed') ? ('parsed' as const) : ('refused' as const) }],
);

const table = new Map(
  [
    ...readFileSync(new URL('../../docs/conformance/pyca.md', import.meta.url), 'utf8').matchAll(
      /^\| `([^`]+)` \| [^|]+ \| (parsed|refused) \| ([^|]+) \|$/gm,
    ),
  ].map(([, file, ours, why]) => [file as string, { ours: ours as string, why: (why as string).trim() }]),
);

describe('pyca-x509', () => {
  test.each(cases)('$file ($kind)', ({ file, kind, recorded }) => {
    const explained = table.get(file);
    expect(outcomeOf(kind, file)).toBe(explained === undefined ? recorded : explained.ours);
  });

  test('the table explains differences only, each of them', () => {
    const different = cases.filter(({ file, kind, recorded }) => outcomeOf(kind, file) !== recorded).map(({ file }) => file);
    expect([...table.keys()].sort()).toEqual(different.sort());
    expect([...table.values()].filter(({ why }) => why.length < 20 && why !== 'the same')).toEqual([]);
    process.stdout.write(
      `conformance pyca-x509: ${cases.length - different.length} as recorded, ${different.length} differ and are explained\n`,
    );
  });
});
