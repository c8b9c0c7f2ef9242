/** A platform operator behind HTTP and JSON, as its profile describes it. */
import { randomBytes } from 'node:crypto';
import { toBase64, toHex } from '../../der/bytes.ts';
import type { Fetcher, FetchResponse } from '../../net/fetcher.types.ts';
import { CERTIFICATE_CLASSES } from '../../verdict.ts';
import { detailOf, mediaTypeOf } from '../transport.ts';
import { type PlatformAnswer, PlatformFault, type PlatformOperator, type PlatformQuestion } from './operator.ts';
import { type PlatformProfile, parsePlatformProfile } from './profile.ts';

export interface HttpPlatformOptions {
  /** Its allow-list has to name the operator's host. */
  readonly fetcher: Fetcher;
  readonly profile: PlatformProfile;
  /** Value of the Authorization header, asked for each time: operators' tokens expire. It lives on the server only. */
  readonly authorization: () => string | Promise<string>;
  /** Default 10 000. */
  readonly timeoutMs?: number;
}

const MAX_ANSWER = 64 * 1024;

/** One POST per question, never repeated by itself, never redirected. @throws JpkiError `argument-invalid` for what is no profile. */
export const httpPlatformOperator = (options: HttpPlatformOptions): PlatformOperator => {
  const { fetcher, authorization, timeoutMs = 10_000 } = options;
  const profile = parsePlatformProfile(options.profile);
  return Object.freeze({
    determine: async (question: PlatformQuestion): Promise<PlatformAnswer> => {
      const requestId = toHex(new Uint8Array(randomBytes(16)));
      const body = Buffer.from(JSON.stringify(bodyOf(question, requestId, profile)));
      const headers = { authorization: await authorization(), 'content-type': 'application/json', accept: 'application/json' };
      const { signal } = question;
      let response: FetchResponse;
      try {
        response = await fetcher({
          url: profile.url,
          method: 'POST',
          headers,
          body: new Uint8Array(body),
          maxBytes: MAX_ANSWER,
          timeoutMs,
          ...(signal === undefined ? {} : { signal }),
        });
      } catch (error) {
        signal?.throwIfAborted();
        throw new PlatformFault(detailOf(error), { cause: error });
      }
      return answerOf(jsonOf(response), requestId, profile);
    },
  });
};

const bodyOf = ({ certificate, class: name, signed }: PlatformQuestion, requestId: string, { request, classes }: PlatformProfile) => {
  const values = {
    certificate: toBase64(certificate),
    class: classes[name],
    'request-id': requestId,
    digest: signed === undefined ? undefined : toBase64(signed.digest),
    signature: signed === undefined ? undefined : toBase64(signed.signature),
    scheme: signed === undefined ? undefined : (request.schemes?.[signed.scheme] ?? signed.scheme),
  };
  const members = Object.entries(request.members).flatMap(([member, value]) =>
    values[value] === undefined ? [] : [[member, values[value]]],
  );
  return { ...request.constants, ...Object.fromEntries(members) };
};

const jsonOf = (response: FetchResponse): unknown => {
  if (response.status !== 200) throw new PlatformFault('http-status');
  if (mediaTypeOf(response) !== 'application/json') throw new PlatformFault('content-type');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(response.body));
  } catch (error) {
    throw new PlatformFault('answer-malformed', { cause: error });
  }
};

const answerOf = (json: unknown, requestId: string, { classes, response }: PlatformProfile): PlatformAnswer => {
  const malformed = (): PlatformFault => new PlatformFault('answer-malformed');
  const word = (pointer: string | undefined): string | undefined => {
    const value = pointer === undefined ? undefined : at(json, pointer);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw malformed();
    return value;
  };
  const time = (pointer: string | undefined): Date | undefined => {
    const value = pointer === undefined ? undefined : at(json, pointer);
    if (value === undefined || value === null) return undefined;
    const milliseconds = millisecondsOf(value, response.times);
    if (milliseconds === null) throw malformed();
    return new Date(milliseconds);
  };
  if (response.requestId !== undefined && word(response.requestId) !== requestId) throw new PlatformFault('request-differs');
  const status = own(response.states, word(response.status));
  if (status === undefined) throw malformed();
  const spelled = word(response.class);
  const name = CERTIFICATE_CLASSES.find((candidate) => classes[candidate] === spelled);
  const checkedAt = time(response.checkedAt);
  if (name === undefined || checkedAt === undefined) throw malformed();
  const sha256 = word(response.certificateSha256);
  const signature = word(response.signature);
  const verified = own(response.signatures ?? {}, signature);
  if (signature !== undefined && verified === undefined) throw malformed();
  const reason = word(response.reason);
  const [revokedAt, currentAsOf, nextUpdate] = [time(response.revokedAt), time(response.currentAsOf), time(response.nextUpdate)];
  return {
    status,
    class: name,
    checkedAt,
    // Told by the profile, it has to be there: an answer that names no certificate is about none.
    ...(response.certificateSha256 === undefined ? {} : { certificateSha256: sha256 ?? '' }),
    ...(verified === undefined ? {} : { signature: verified }),
    ...(reason === undefined ? {} : { reason: own(response.reasons ?? {}, reason) ?? 'unspecified' }),
    ...(revokedAt === undefined ? {} : { revokedAt }),
    ...(currentAsOf === undefined ? {} : { currentAsOf }),
    ...(nextUpdate === undefined ? {} : { nextUpdate }),
  };
};

/** An own member only: `constructor` is nobody's state. */
const own = <T>(table: Readonly<Record<string, T>>, key: string | undefined): T | undefined =>
  key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;

/** RFC 6901; undefined where the pointer leads nowhere. */
const at = (json: unknown, pointer: string): unknown => {
  let value = json;
  for (const part of pointer.slice(1).split('/')) {
    const member = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[member];
  }
  return value;
};

/** With a zone, always: a local time is nobody's. */
const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

const millisecondsOf = (value: unknown, times: PlatformProfile['response']['times']): number | null => {
  const milliseconds =
    times === 'iso-8601'
      ? typeof value === 'string' && ISO_8601.test(value)
        ? Date.parse(value)
        : Number.NaN
      : typeof value === 'number'
        ? value * (times === 'unix-seconds' ? 1000 : 1)
        : Number.NaN;
  return Math.abs(milliseconds) <= 8.64e15 ? milliseconds : null;
};
