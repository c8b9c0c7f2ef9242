/** Another system on loopback, which keeps what it was sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Uint8Array;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Status for the next requests; default 204. `hang`: no answer. */
  answer(next: (received: Received, count: number) => number | 'hang' | 'redirect'): void;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let decide: (received: Received, count: number) => number | 'hang' | 'redirect' = () => 204;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const one = { headers: request.headers, body: new Uint8Array(Buffer.concat(chunks)) };
    received.push(one);
    const status = decide(one, received.length);
    if (status === 'redirect') response.writeHead(307, { location: '/elsewhere' }).end();
    else if (status !== 'hang') response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    answer: (next) => {
      decide = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
