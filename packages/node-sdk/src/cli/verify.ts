/** `verify` and `ocsp query`: verdicts and status on the command line. No attribute, serial number or name is printed. */
import {
  type Carrier,
  CODES,
  createVerifier,
  crlSource,
  type Environment,
  JpkiError,
  ocspSource,
  type RevocationConfiguration,
  type RevocationFinding,
  type Verdict,
} from '@jpki-rp/verifier';
import { certificateStatus } from '@jpki-rp/verifier/inspect';
import { createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import { derOf, environmentOf, fault, instantOf, listOf, octetsOf, oneOf } from './files.ts';
import { type Answer, CliFault, EXIT, type ExitCode, type Terminal, table } from './terminal.ts';

export const VERIFY_MODES = ['crl', 'ocsp', 'none', 'crlcheck', 'ocspcheck', 'bothcheck', 'eithercheck'] as const;
const SCHEMES = ['rsa-pkcs1-sha256', 'rsa-pkcs1-bare-sha256', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384'] as const;
const PURPOSES = ['digital-signature', 'user-authentication'] as const;
const CARRIERS = ['card', 'smartphone'] as const;

export interface VerifyArguments {
  readonly environment: string;
  readonly certificate: string;
  readonly signature: string;
  readonly message: string;
  readonly scheme: string;
  readonly purpose: string;
  readonly carriers: string;
  readonly revocation: string;
  readonly crls?: string;
  readonly ocspResponses?: string;
  readonly at?: string;
}

/** Runs with a configuration that may ask the environment's hosts, and closes what it opened. */
const withConfiguration = async <T>(
  environment: Environment,
  mode: string,
  use: (revocation: RevocationConfiguration) => Promise<T>,
): Promise<T> => {
  const known = oneOf(mode, VERIFY_MODES, 'revocation');
  if (known === 'crl' || known === 'ocsp' || known === 'none') return await use(known);
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment) });
  try {
    return await use({ sources: [ocspSource({ fetcher }), crlSource({ fetcher })], policy: { mode: known } });
  } finally {
    await fetcher.close();
  }
};

export const verifyFiles = async (args: VerifyArguments, { language, now }: Terminal): Promise<Answer> => {
  const environment = await environmentOf(args.environment);
  const acceptCarriers: readonly Carrier[] = listOf(args.carriers).map((carrier) => oneOf(carrier, CARRIERS, 'carriers'));
  const input = {
    certificate: await derOf(args.certificate),
    signature: await signatureOf(args.signature),
    message: await octetsOf(args.message),
    scheme: oneOf(args.scheme, SCHEMES, 'scheme'),
    purpose: oneOf(args.purpose, PURPOSES, 'purpose'),
    acceptCarriers,
    at: instantOf(args.at, now),
    crls: await Promise.all(listOf(args.crls).map(derOf)),
    ocspResponses: await Promise.all(listOf(args.ocspResponses).map(derOf)),
  };
  const verdict = await withConfiguration(environment, args.revocation, (revocation) =>
    createVerifier({ environment, role: 'verifier', revocation }).verify(input),
  ).catch((error: unknown) => {
    if (error instanceof JpkiError) throw new CliFault(EXIT.usage, { ja: CODES[error.code].ja, en: error.message });
    throw error;
  });
  const code = verdict.result === 'valid' ? null : verdict.code;
  const detail = verdict.result === 'valid' ? null : (verdict.detail ?? null);
  return {
    exit: EXIT_OF[verdict.result],
    json: {
      result: verdict.result,
      code,
      detail,
      class: verdict.class,
      at: verdict.at.toISOString(),
      checks: verdict.checks,
      revocation: findingJson(verdict.revocation),
      warnings: verdict.warnings,
    },
    lines: [
      ...table([
        [language === 'ja' ? '判定' : 'verdict', verdict.result],
        [language === 'ja' ? '区分' : 'class', verdict.class],
        [language === 'ja' ? '理由' : 'code', [code, detail].filter(Boolean).join(' ')],
        ['', code === null ? null : CODES[code][language]],
        [language === 'ja' ? '失効状態' : 'status', verdict.revocation.status],
      ]),
      ...verdict.checks.map(({ name, status, code: failed }) => `  ${MARK[status]} ${name}${failed === undefined ? '' : `  ${failed}`}`),
      ...sourceLines(verdict.revocation),
    ],
  };
};

export interface OcspQueryArguments {
  readonly environment: string;
  readonly certificate: string;
  readonly at?: string;
}

/** Asks the responders that the environment names for the certificate's class; the certificate's own AIA is never used. */
export const queryOcsp = async (args: OcspQueryArguments, { language, now }: Terminal): Promise<Answer> => {
  const environment = await environmentOf(args.environment);
  const certificate = await derOf(args.certificate);
  const status = await withConfiguration(environment, 'ocspcheck', (revocation) =>
    certificateStatus({ environment, certificate, revocation, at: instantOf(args.at, now) }),
  );
  const { code, detail = null, finding } = status;
  const exit: ExitCode =
    finding === null ? EXIT.no : finding.status === 'good' ? EXIT.ok : finding.status === 'revoked' ? EXIT.no : EXIT.unknown;
  return {
    exit,
    json: { class: status.class, code, detail, revocation: finding === null ? null : findingJson(finding) },
    lines: [
      ...table([
        [language === 'ja' ? '失効状態' : 'status', finding?.status ?? 'not-checked'],
        [language === 'ja' ? '区分' : 'class', status.class],
        [language === 'ja' ? '理由' : 'code', [code, detail].filter(Boolean).join(' ')],
        ['', code === null ? null : CODES[code][language]],
        [language === 'ja' ? '失効日時' : 'revoked at', finding?.revokedAt?.toISOString()],
      ]),
      ...(finding === null ? [] : sourceLines(finding)),
    ],
  };
};

const EXIT_OF: Readonly<Record<Verdict['result'], ExitCode>> = { valid: EXIT.ok, invalid: EXIT.no, indeterminate: EXIT.unknown };
const MARK = { passed: '✓', failed: '✗', 'not-run': '·' } as const;

const findingJson = ({ status, reason, revokedAt, sources }: RevocationFinding) => ({
  status,
  ...(reason === undefined ? {} : { reason }),
  ...(revokedAt === undefined ? {} : { revokedAt: revokedAt.toISOString() }),
  sources,
});

const sourceLines = ({ sources }: RevocationFinding): string[] =>
  sources.map(({ kind, status, code, detail, thisUpdate, nextUpdate }) =>
    [`  ${kind} ${status}`, code, detail, thisUpdate?.toISOString(), nextUpdate === undefined ? undefined : `→ ${nextUpdate.toISOString()}`]
      .filter((part) => part !== undefined)
      .join(' '),
  );

/** Octets, or base64 text with nothing else in it. */
const signatureOf = async (path: string): Promise<Uint8Array> => {
  const octets = await octetsOf(path);
  const text = Buffer.from(octets).toString('latin1').replace(/\s+/g, '');
  const isText = octets.every((octet) => octet === 9 || octet === 10 || octet === 13 || (octet >= 32 && octet < 127));
  if (!isText || octets.length === 0) return octets;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw fault(`署名値ではありません: ${path}`, `no signature: ${path}`);
  return new Uint8Array(Buffer.from(text, 'base64'));
};
