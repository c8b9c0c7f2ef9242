/** A relying party that speaks the wire and nothing else: what it answers is what the test sets. Pages come under a strict CSP. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { BeginRequest, CompleteRequest, PublicOutcome, StartDescriptor, TransactionStatus } from '@jpki-rp/node-sdk/wire';

export const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export interface FakeTransaction {
  readonly id: string;
  readonly request: BeginRequest;
  readonly expiresAt: string;
  state: TransactionStatus['state'];
  outcome?: PublicOutcome;
  wrong: number;
}

export interface FakeRelyingParty {
  readonly origin: string;
  readonly transactions: Map<string, FakeTransaction>;
  readonly log: string[];
  show: StartDescriptor['show'];
  seconds: number;
  number: string;
  outcome: PublicOutcome;
  events: 'served' | 'missing';
  /** Answers instead of the real one: path prefix → status and body. */
  readonly faults: Map<string, { status: number; body: string; type?: string } | 'drop'>;
  latest(): FakeTransaction;
  move(state: TransactionStatus['state']): void;
  close(): Promise<void>;
}

const page = (query: URLSearchParams): string => `<!doctype html>
<html lang="${query.get('lang') ?? 'ja'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>page</title><link rel="stylesheet" href="/page.css"><script src="/jpki-rp.global.js" integrity="${query.get('sri') ?? ''}"></script>
<script src="/page.js"></script></head><body><main>${
  query.has('bare')
    ? '<button id="go">go</button>'
    : `<jpki-identify endpoint="/jpki" operation="open-account" ${query.get('attributes') ?? ''}></jpki-identify>`
}</main></body></html>`;

const PAGE_JS = `
window.seen = [];
document.addEventListener('securitypolicyviolation', (event) => window.seen.push({ violation: event.violatedDirective }));
document.addEventListener('jpki-state', (event) => window.seen.push({ phase: event.detail.phase }));
document.addEventListener('jpki-outcome', (event) => window.seen.push({ outcome: event.detail }));
document.addEventListener('click', (event) => {
  if (event.target.id === 'go') window.result = JpkiRp.startIdentification({ endpoint: '/jpki', operation: 'open-account', ...window.options });
});
`;
const PAGE_CSS =
  ':root{color-scheme:light dark}body{margin:0;background:light-dark(#e9eef4,#0c1117);font-family:system-ui}main{padding:24px 12px;max-width:760px;margin:auto}';

export async function fakeRelyingParty(dist: string): Promise<FakeRelyingParty> {
  const transactions = new Map<string, FakeTransaction>();
  let begun = 0;
  const listeners = new Set<() => void>();
  const script = readFileSync(join(dist, 'jpki-rp.global.js'));
  const sri = readFileSync(join(dist, 'jpki-rp.global.js.sri'), 'utf8').trim();

  const statusOf = (transaction: FakeTransaction): TransactionStatus => ({
    v: 1,
    transactionId: transaction.id,
    state: transaction.state,
    expiresAt: transaction.expiresAt,
    ...(transaction.outcome ? { outcome: transaction.outcome } : {}),
  });

  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });

  const send = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  const refuse = (response: ServerResponse, status: number, code: string, retryable = false): void =>
    send(response, status, { v: 1, code, messageKey: code, retryable });

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', self.origin);
    const file = (type: string, body: string | Buffer): void => {
      response.writeHead(200, { 'content-type': type, 'content-security-policy': CSP });
      response.end(body);
    };
    if (url.pathname === '/') {
      url.searchParams.set('sri', sri);
      return file('text/html; charset=utf-8', page(url.searchParams));
    }
    if (url.pathname === '/app') return file('text/html; charset=utf-8', '<!doctype html><title>app</title><p>app</p>');
    if (url.pathname === '/page.js') return file('text/javascript', PAGE_JS);
    if (url.pathname === '/page.css') return file('text/css', PAGE_CSS);
    if (url.pathname === '/jpki-rp.global.js') return file('text/javascript', script);
    if (!url.pathname.startsWith('/jpki/')) return refuse(response, 404, 'request-invalid');

    self.log.push(`${request.method} ${url.pathname.replace(/[0-9]{3}-[a-z]+/, '{id}')}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = chunks.length ? (JSON.parse(Buffer.concat(chunks).toString()) as unknown) : undefined;
    for (const [key, fault] of self.faults) {
      if (`${request.method} ${url.pathname}`.match(new RegExp(key)) === null) continue;
      if (fault === 'drop') {
        response.destroy();
        return;
      }
      response.writeHead(fault.status, { 'content-type': fault.type ?? 'application/json' });
      response.end(fault.body);
      return;
    }

    if (url.pathname === '/jpki/transactions') {
      const begin = body as BeginRequest;
      const id = `${String(++begun).padStart(3, '0')}-transaction`;
      const transaction: FakeTransaction = {
        id,
        request: begin,
        expiresAt: new Date(Date.now() + self.seconds * 1000).toISOString(),
        state: 'pending',
        wrong: 0,
      };
      transactions.set(id, transaction);
      const link = `${self.origin}/app?ticket=${id}-${'x'.repeat(40)}`;
      const descriptor: StartDescriptor = {
        v: 1,
        transactionId: id,
        expiresAt: transaction.expiresAt,
        start: begin.start === 'qr' ? { kind: 'qr', content: link } : { kind: 'app-link', href: link },
        ...(begin.start === 'qr' ? { match: { digits: 2 as const } } : {}),
        show: self.show,
      };
      return send(response, 201, descriptor);
    }
    const [, id = '', verb] = /^\/jpki\/transactions\/([^/]+)(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    const transaction = transactions.get(id);
    if (!transaction) return refuse(response, 404, 'transaction-unknown');
    if (request.method === 'DELETE') {
      transactions.delete(id);
      response.writeHead(204).end();
      return;
    }
    if (verb === 'events') {
      if (self.events === 'missing') return refuse(response, 404, 'request-invalid');
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      const tell = (): void => {
        response.write(`event: status\ndata: ${JSON.stringify(statusOf(transaction))}\n\n`);
      };
      listeners.add(tell);
      response.on('close', () => listeners.delete(tell));
      return tell();
    }
    if (verb === 'complete') {
      const { match } = body as CompleteRequest;
      if (transaction.outcome) return refuse(response, 409, 'already-completed');
      if (transaction.request.start === 'qr' && match !== self.number) {
        transaction.wrong += 1;
        const remainingMatches = 3 - transaction.wrong;
        if (remainingMatches > 0)
          return send(response, 200, { v: 1, result: 'try-again', code: 'match-wrong', messageKey: 'match-wrong', remainingMatches });
        transaction.outcome = { v: 1, result: 'refused', code: 'match-exhausted', messageKey: 'match-exhausted', retryable: false };
      } else transaction.outcome = self.outcome;
      transaction.state = 'done';
      return send(response, 200, transaction.outcome);
    }
    const wait = Number(url.searchParams.get('wait') ?? '0');
    if (wait > 0) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          listeners.delete(end);
          resolve();
        };
        const timer = setTimeout(end, wait * 1000);
        listeners.add(end);
        response.on('close', end);
      });
    }
    send(response, 200, statusOf(transaction));
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const self: FakeRelyingParty = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    transactions,
    log: [],
    show: {
      relyingParty: 'あおば銀行',
      operation: '口座の開設',
      purpose: 'digital-signature',
      carriers: ['smartphone', 'card'],
    },
    seconds: 110,
    number: '42',
    outcome: { v: 1, result: 'identified', next: { name: 'x' } },
    events: 'served',
    faults: new Map(),
    latest() {
      const found = [...transactions.values()].at(-1);
      if (!found) throw new Error('nothing begun');
      return found;
    },
    move(state) {
      self.latest().state = state;
      for (const listener of [...listeners]) listener();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}
