import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulator } from '../../src/index.ts';
import { type Folder, folder, openssl } from '../openssl.ts';

let files: Folder;
let tls: { readonly key: string; readonly cert: string };

beforeAll(async () => {
  files = folder();
  const [key, cert] = [files.write('key.pem', ''), files.write('cert.pem', '')];
  await openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=demo'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
  );
  tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
});
afterAll(() => files.remove());

/** A relying party behind TLS that refuses every ticket. */
async function refusing(): Promise<{ readonly link: string; close(): void }> {
  const server = createServer(tls, (_request, response) => response.writeHead(410).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/jpki/request/virtual-app`;
  return { link: `http://127.0.0.1/app?r=${encodeURIComponent(url)}&t=x`, close: () => server.close() };
}

test('with TLS, the origin and every URL are https, and the phone reaches a relying party under the same certificate', async () => {
  const simulator = await startSimulator({ tls });
  const rp = await refusing();
  expect(simulator.urls.origin).toMatch(/^https:/);
  expect(JSON.stringify([simulator.environment, simulator.doorProfile])).not.toContain('http://127');
  await expect(simulator.app.open(rp.link)).rejects.toMatchObject({ code: 'ticket-refused', status: 410 });
  rp.close();
  await simulator.close();
});

test('without it, a certificate that nobody vouches for is not trusted', async () => {
  const simulator = await startSimulator();
  const rp = await refusing();
  await expect(simulator.app.open(rp.link)).rejects.toMatchObject({ code: 'rp-unreachable' });
  rp.close();
  await simulator.close();
});
