/** The input of `validatePath`, made one shape. Misuse is thrown; what strangers sent is judged, never thrown about. */
import { type Certificate, readCertificate } from '../certificate/certificate.ts';
import { OID } from '../der/oids.ts';
import { DerError } from '../der/reader.ts';
import { JpkiError } from '../errors.ts';
import type { AlgorithmPolicy } from '../signature/signed-data.ts';
import { Account, BudgetSpent, DEFAULT_PATH_BUDGET } from './budget.ts';
import { Session } from './session.ts';
import type { ValidatePathInput } from './types.ts';
import type { PathRequirements } from './validate.ts';

const DEFAULTS = Object.freeze({
  skewSeconds: 300,
  algorithms: {
    algorithms: ['rsa-pkcs1-sha256', 'rsa-pkcs1-sha384', 'rsa-pkcs1-sha512', 'rsa-pss-sha256', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384'],
    minimumRsaBits: 2048,
  } satisfies AlgorithmPolicy,
});

/** Intermediates that are no certificates help nobody and are left out; throws `BudgetSpent` where there are too many. */
export const sessionOf = (input: ValidatePathInput, account: Account): Session => {
  const { limits } = account;
  if (input.intermediates.length > limits.intermediates) throw new BudgetSpent('budget-path');
  return new Session({
    anchors: input.anchors.map((der, i) => configuredCertificate(der, `/anchors/${i}`)),
    intermediates: input.intermediates.flatMap((der) => (der.length > limits.certificateBytes ? [] : (readOrNull(der) ?? []))),
    at: instantOf(input),
    skewMs: skewOf(input) * 1000,
    algorithms: input.algorithms ?? DEFAULTS.algorithms,
    account,
  });
};

/** A limit that is no number would be no limit. */
export const accountOf = ({ budget }: ValidatePathInput): Account => {
  for (const [name, limit] of Object.entries(budget ?? {})) if (!(limit >= 0)) throw misuse(`/budget/${name}`);
  return new Account({ ...DEFAULT_PATH_BUDGET, ...budget });
};

const instantOf = ({ at }: ValidatePathInput): number => {
  const time = at.getTime();
  if (Number.isNaN(time)) throw misuse('/at');
  return time;
};

const skewOf = ({ skewSeconds = DEFAULTS.skewSeconds }: ValidatePathInput): number => {
  if (!(skewSeconds >= 0)) throw misuse('/skewSeconds');
  return skewSeconds;
};

/** The target; null where it is no strict certificate. */
export const targetOf = (input: ValidatePathInput, { limits }: Account): Certificate | null => {
  if (input.target.length > limits.certificateBytes) throw new BudgetSpent('budget-certificate');
  return readOrNull(input.target);
};

export const requirementsOf = ({ policy, extendedKeyUsage }: ValidatePathInput): PathRequirements => ({
  initialPolicies: new Set(policy?.initial ?? [OID.anyPolicy]),
  requireExplicitPolicy: policy?.requireExplicit ?? false,
  inhibitPolicyMapping: policy?.inhibitMapping ?? false,
  inhibitAnyPolicy: policy?.inhibitAnyPolicy ?? false,
  extendedKeyUsage,
});

const readOrNull = (der: Uint8Array): Certificate | null => {
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
};

/** A certificate of the operator's own choice: that it cannot be read is misuse. */
export const configuredCertificate = (der: Uint8Array, pointer: string): Certificate => {
  const certificate = readOrNull(der);
  if (certificate === null) throw misuse(pointer);
  return certificate;
};

const misuse = (pointer: string): JpkiError => new JpkiError('argument-invalid', undefined, { pointer });
