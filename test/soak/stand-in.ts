import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CertificateClass, Environment, Fetcher, RevocationSource } from '@jpki-rp/verifier';
import { type CrlIndex, crlIndexSource, ingestCrl, openCrlIndex } from '@jpki-rp/verifier/crl';
import type { KeeperOrders } from './wire.ts';

export const keep = async ({
  environment,
  json,
  fetcher,
  orders,
  onEvent,
}: {
  environment: Environment;
  json: unknown;
  fetcher: Fetcher;
  orders: KeeperOrders;
  onEvent: (what: string) => void;
}): Promise<never> => {
  mkdirSync(join(orders.directory, 'indexes'), { recursive: true });
  const classes = (
    json as { classes: Record<CertificateClass, { crl: { sources: { anchor: string; distributionPoint: string; url: string }[] } }> }
  ).classes;
  for (;;) {
    for (const [of, { crl }] of Object.entries(classes)) {
      for (const { anchor: id, distributionPoint, url } of crl.sources) {
        const anchor = environment.anchors.find((one) => one.id === id);
        if (anchor === undefined) throw new Error('anchor');
        try {
          const { status, body } = await fetcher({ url, method: 'GET', maxBytes: 1e8, timeoutMs: orders.timeoutMs });
          if (status !== 200) {
            onEvent(`failed http ${status}`);
            continue;
          }
          const name = createHash('sha256').update(url).digest('hex').slice(0, 16);
          const result = await ingestCrl(body, {
            issuer: anchor,
            scope: { class: of as CertificateClass, distributionPoint },
            into: join(orders.directory, 'indexes', `${name}.idx`),
          });
          onEvent(result.ok ? 'published' : `failed ${result.code}`);
        } catch (error) {
          onEvent(`failed ${(error as { kind?: string }).kind}`);
        }
      }
    }
    await delay(3_000);
  }
};

export const keptCrlSource = ({ directory }: { directory: string }): RevocationSource => {
  const opened = new Map<string, { ino: number; index: CrlIndex }>();
  const folder = join(directory, 'indexes');
  const look = async () => {
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      if (!name.endsWith('.idx')) continue;
      const { ino } = statSync(join(folder, name));
      const before = opened.get(name);
      if (before?.ino === ino) continue;
      opened.set(name, { ino, index: await openCrlIndex(join(folder, name)) });
      before?.index.close();
    }
  };
  setInterval(() => void look(), 500);
  void look();
  return crlIndexSource({ indexes: () => [...opened.values()].map(({ index }) => index) });
};
