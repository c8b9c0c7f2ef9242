/** A tiny relying party of its own: hands out one request per ticket and keeps what the app answers. */
import { createPublicKey, randomBytes, verify, X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Simulator } from '../src/index.ts';

export interface FakeRelyingParty {
  readonly origin: string;
  /** What it was sent, in order. */
  readonly answers: Record<string, unknown>[];
  readonly message: Uint8Array;
  /** Every request that reached it. */
  readonly seen: string[];
  /** A link with a fresh ticket; `change` edits the request document. */
  link(change?: (document: Record<string, unknown>) => Record<string, unknown>, via?: 'qr'): string;
  close(): Promise<void>;
}

export const LAST_MESSAGE = 'the bytes to be signed';

export async function fakeRelyingParty(simulator: Simulator, purpose = 'user-authentication'): Promise<FakeRelyingParty> {
  const message = new TextEncoder().encode(LAST_MESSAGE);
  const answers: Record<string, unknown>[] = [];
  const seen: string[] = [];
  const tickets = new Map<string, Record<string, unknown>>();
  let origin = '';
  const server = createServer(async (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const body = await json(request);
    if (request.url === '/jpki/request/virtual-app') {
      const document = tickets.get(String(body['ticket']));
      tickets.delete(String(body['ticket']));
      response.writeHead(document === undefined ? 410 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(document ?? { v: 1, code: 'ticket-spent' }));
    } else if (request.url === '/jpki/callback/virtual-app') {
      answers.push(body);
      response.writeHead(204).end();
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const values: Record<string, unknown> = {
    transactionId: 'tx-1',
    relyingPartyName: 'みほん銀行',
    relyingPartyOrigin: origin,
    operationName: 'インターネットバンキングへのログイン',
    operationNameEn: 'Log in',
    purpose,
    carriers: ['card', 'smartphone'],
    scheme: 'rsa-pkcs1-sha256',
    message: Buffer.from(message).toString('base64url'),
    callbackUrl: `${origin}/jpki/callback/virtual-app`,
    returnUrl: `${origin}/jpki/callback/virtual-app?back=1`,
    expiresAt: '2026-11-22T02:00:00Z',
  };
  return {
    origin,
    answers,
    message,
    seen,
    link: (change = (document) => document, via) => {
      const { request, start } = simulator.doorProfile;
      const document = Object.fromEntries(
        Object.entries(request).flatMap(([name, field]) => {
          if ('constant' in field) return [[name, field.constant]];
          return values[field.value] === undefined ? [] : [[name, values[field.value]]];
        }),
      );
      const ticket = randomBytes(16).toString('base64url');
      tickets.set(ticket, change(document));
      return (via === 'qr' ? start.qr : start.appLink)
        .replace('{requestUrl}', encodeURIComponent(`${origin}/jpki/request/virtual-app`))
        .replace('{ticket}', ticket);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function json(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
}

/** Whether the answer's signature verifies under its certificate, by node:crypto alone. */
export function signatureHolds(answer: Record<string, unknown>, message: Uint8Array): boolean {
  const certificate = new X509Certificate(Buffer.from(String(answer['cert']), 'base64'));
  const key = createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' }));
  return verify('sha256', message, key, Buffer.from(String(answer['sig']), 'base64'));
}
