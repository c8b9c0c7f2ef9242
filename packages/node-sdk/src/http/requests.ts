/** The bodies of the wire contract, read strictly: unknown members are refused. */
import { JpkiError } from '@jpki-rp/verifier';
import { z } from 'zod';
import type { JsonObject } from '../json/parse.ts';
import { pointerOf } from '../json/pointer.ts';
import type { BeginRequest, CompleteRequest } from './wire.ts';

const begin = z.strictObject({
  v: z.literal(1),
  operation: z.string().min(1).max(64),
  carrier: z.enum(['auto', 'card', 'smartphone']).exactOptional(),
  start: z.enum(['app-link', 'qr']).exactOptional(),
  returnTo: z.string().min(1).max(2_048).exactOptional(),
  lang: z.enum(['ja', 'en']).exactOptional(),
});
const complete = z.strictObject({
  v: z.literal(1),
  match: z
    .string()
    .regex(/^[0-9]{2}$/)
    .exactOptional(),
});
const ticket = z.strictObject({ ticket: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });

export const readBegin = (body: JsonObject): BeginRequest => read(begin, body);
export const readComplete = (body: JsonObject): CompleteRequest => read(complete, body);
/** A ticket of another shape is no ticket: `ticket-spent`, like any other that opens nothing. */
export function readTicket(body: JsonObject): string {
  const parsed = ticket.safeParse(body);
  if (parsed.success) return parsed.data.ticket;
  const foreign = parsed.error.issues.some((issue) => issue.path[0] !== 'ticket' || typeof body['ticket'] !== 'string');
  throw new JpkiError(foreign ? 'request-invalid' : 'ticket-spent');
}

function read<T>(schema: z.ZodType<T>, body: JsonObject): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new JpkiError('request-invalid', undefined, { pointer: pointerOf(parsed.error.issues[0]?.path ?? []) });
}
