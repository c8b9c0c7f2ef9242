/** A RevocationPolicy as data: from JSON, strictly; and the order in which it lets sources be asked. */
import { z } from 'zod';
import { JpkiError } from '../errors.ts';
import { CERTIFICATE_CLASSES, type CertificateClass } from '../verdict.ts';
import type { Freshness } from './freshness.ts';
import { REVOCATION_MODES, type RevocationPolicy, type RevocationSource } from './types.ts';

const seconds = z.int().min(1);
const freshness = z.strictObject({
  crlSeconds: seconds.exactOptional(),
  ocspSeconds: seconds.exactOptional(),
  platformSeconds: seconds.exactOptional(),
});
const mode = z.enum(REVOCATION_MODES as [(typeof REVOCATION_MODES)[number], ...(typeof REVOCATION_MODES)[number][]]);
const price = z.number().min(0).max(1_000_000);
const byKind = <T extends z.ZodType>(value: T) =>
  z.strictObject({ crl: value.exactOptional(), ocsp: value.exactOptional(), platform: value.exactOptional() });

const policySchema = z.strictObject({
  mode,
  byClass: z.partialRecord(z.enum(CERTIFICATE_CLASSES as [CertificateClass, ...CertificateClass[]]), mode).exactOptional(),
  freshness: freshness.exactOptional(),
  onUnknown: z.enum(['other-source', 'refuse']).exactOptional(),
  choice: z
    .strictObject({
      order: z.enum(['configured', 'cheapest', 'freshest']),
      price: byKind(price).exactOptional(),
      publishedEverySeconds: byKind(seconds).exactOptional(),
    })
    .exactOptional(),
});

/** A policy from JSON (already parsed). Throws `argument-invalid` with a JSON pointer for unknown members and values: a typo must not decide what is checked. */
export const parseRevocationPolicy = (json: unknown): RevocationPolicy => {
  const parsed = policySchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const pointer = (issue?.path ?? []).map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  throw new JpkiError('argument-invalid', `revocation policy: ${issue?.message ?? 'invalid'}`, { pointer });
};

type Kind = RevocationSource['kind'];

/** How often JPKI's data are renewed: the CRL once a day, the responders' every quarter of an hour. A platform is taken to ask a responder. */
export const PUBLISHED_EVERY_SECONDS: Readonly<Record<Kind, number>> = { crl: 86_400, ocsp: 900, platform: 900 };

/**
 * Sources in the order in which they are asked. Kinds that are published often enough to meet the freshness demanded come first; among them the cheaper
 * (`cheapest`) or the more often published (`freshest`); what is equal stays as configured. The order decides who is asked first, never what is enough.
 */
export const inOrder = (
  sources: readonly RevocationSource[],
  { choice }: Pick<RevocationPolicy, 'choice'>,
  demanded: Freshness,
): readonly RevocationSource[] => {
  if (choice === undefined || choice.order === 'configured') return sources;
  const every = (kind: Kind): number => choice.publishedEverySeconds?.[kind] ?? PUBLISHED_EVERY_SECONDS[kind];
  const price = (kind: Kind): number => choice.price?.[kind] ?? 0;
  const tooSlow = (kind: Kind): number => (every(kind) > (demanded[`${kind}Seconds`] ?? Number.POSITIVE_INFINITY) ? 1 : 0);
  const rank = (kind: Kind): readonly number[] =>
    choice.order === 'cheapest' ? [tooSlow(kind), price(kind), every(kind)] : [tooSlow(kind), every(kind), price(kind)];
  return [...sources].sort((a, b) => compare(rank(a.kind), rank(b.kind)));
};

const compare = (a: readonly number[], b: readonly number[]): number => {
  for (const [i, value] of a.entries()) {
    const difference = value - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};
