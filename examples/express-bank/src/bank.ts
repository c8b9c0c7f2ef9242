/** The composition root: one simulated JPKI, one relying party, one bank in front of them. */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Audit, createRelyingParty, type RelyingParty } from '@jpki-rp/node-sdk';
import { type Simulator, type SimulatorOptions, startSimulator } from '@jpki-rp/simulator';
import type { VerifierEvent } from '@jpki-rp/verifier';
import { createLinkLedger, hmacIdentifier } from '@jpki-rp/verifier/links';
import { createAccountBook } from './accounts/book.ts';
import { createApp } from './app.ts';
import { createSweeper } from './backstage/sweep.ts';
import { connect, type Jpki } from './jpki.ts';
import { BANK } from './name.ts';
import { createMailbox } from './notices/mailbox.ts';
import { createNotifier } from './notices/notices.ts';
import type { Desk } from './operations/desk.ts';
import { operationsOf } from './operations/operations.ts';
import { createSessions } from './session/session.ts';
import { type OpenStores, openMemory, type Stores } from './stores/stores.ts';
import { createUndoTickets } from './undo/tickets.ts';

export interface BankOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** What browsers call this machine. Default `localhost`. */
  readonly publicHost?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly simulator?: Pick<SimulatorOptions, 'seed' | 'clock' | 'onRequest' | 'linkedRevocationDelaySeconds'>;
  /** How many fictional people live there at the start. Default 4. */
  readonly people?: number;
  /** `npm start` gives it a database (`chooseStores`). Default `openMemory`. */
  readonly stores?: OpenStores;
  readonly audit?: Audit;
  readonly onEvent?: (event: VerifierEvent) => void;
  readonly onError?: (error: unknown) => void;
}

export interface Bank {
  readonly origin: string;
  readonly simulator: Simulator;
  readonly jpki: Jpki;
  readonly rp: RelyingParty;
  readonly desk: Desk;
  /** Verifies what the bank sealed. */
  readonly evidenceKey: KeyObject;
  /** What identifications and links are kept in, for whoever starts the bank. */
  readonly database: string;
  close(): Promise<void>;
}

export async function startBank(options: BankOptions = {}): Promise<Bank> {
  const { port = 0, host = '127.0.0.1', publicHost = 'localhost', tls, people = 4 } = options;
  let listener: RequestListener = (_request, response) => void response.writeHead(503).end();
  const answer: RequestListener = (request, response) => listener(request, response);
  const server = tls === undefined ? createHttpServer(answer) : createHttpsServer({ key: tls.key, cert: tls.cert }, answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const populate = async (stage: SimulatorOptions): Promise<Simulator> => {
    const simulator = await startSimulator(stage);
    for (let count = 0; count < people; count += 1) await simulator.person();
    return simulator;
  };
  const origin = `${tls === undefined ? 'http' : 'https'}://${publicHost}:${(server.address() as AddressInfo).port}`;
  // A database takes its time to open: the simulator makes its keys and its people meanwhile.
  const opening = (options.stores ?? openMemory)();
  const populating = populate({
    ...options.simulator,
    // A phone on the same network opens the virtual app under the bank's name for this machine.
    ...(tls === undefined ? {} : { host: publicHost, tls }),
    allowedOrigins: [origin],
    // New and old certificates of one card, for renewals. Which smartphone belongs to which card, this bank is not told.
    linkInformation: ['article-37'],
  });
  const [stores, simulator] = await Promise.all([opening, populating]).catch(async (error: unknown) => {
    server.close();
    // Whichever of the two did open is not left behind.
    for (const opened of [opening, populating]) await opened.then((one) => one.close()).catch(() => undefined);
    throw error;
  });

  const jpki = connect(simulator, options.onEvent);
  const close = async (): Promise<void> => {
    await jpki.close();
    await simulator.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    await stores.close();
  };
  try {
    const { app, ...furnished } = furnish({ origin, simulator, jpki, stores, options });
    listener = app;
    return { origin, simulator, jpki, ...furnished, database: stores.about, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Shell {
  readonly origin: string;
  readonly simulator: Simulator;
  readonly jpki: Jpki;
  readonly stores: Stores;
  readonly options: BankOptions;
}

/** Ledger, relying party and pages, in a building that stands already. */
function furnish({
  origin,
  simulator,
  jpki,
  stores,
  options,
}: Shell): Pick<Bank, 'rp' | 'desk' | 'evidenceKey'> & { readonly app: RequestListener } {
  const accounts = createAccountBook();
  const sessions = createSessions();
  const mailbox = createMailbox();
  const tickets = createUndoTickets(() => simulator.now());
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const desk: Desk = {
    accounts,
    sessions,
    mailbox,
    tickets,
    predecessorOf: (certificate) => simulator.links.predecessor('article-37', { class: 'card-user-authentication', ...certificate }),
    evidenceKey: privateKey,
    verdictKey: randomBytes(32),
    now: () => simulator.now(),
    ledger: createLinkLedger({
      store: stores.links,
      identifier: hmacIdentifier({ keyId: 'k1', key: randomBytes(32) }),
      clock: () => simulator.now(),
      sweeps: stores.sweeps,
      issuerLinkInformation: 'article-37',
      notify: createNotifier({
        accounts,
        sessions,
        mailbox,
        tickets,
        linkOf: async ({ account, link }) => {
          const history = await desk.ledger.history(account);
          return (history.ok ? history.links.find(({ id }) => id === link) : undefined) ?? null;
        },
      }),
      // Not only those that began through the link: a thief who added a phone is logged in by the card that served for it.
      endSessions: ({ account }) => sessions.endAll(account),
    }),
  };
  const rp = createRelyingParty({
    origin,
    name: BANK,
    verifier: jpki.verifier,
    door: simulator.doorProfile,
    transactions: stores.transactions,
    // Good or bad, the ledger hears every verdict of an authentication before the bank acts on it.
    links: desk.ledger,
    operations: operationsOf(desk),
    // Whoever sends their own app link to someone else gets nothing: the answer waits until that person is back in the browser that began.
    appLinkCompletion: 'after-return',
    ...(options.audit === undefined ? {} : { audit: options.audit }),
    ...(options.onError === undefined ? {} : { onError: options.onError }),
  });
  const sweep = createSweeper({ ...jpki, ledger: desk.ledger, now: desk.now });
  const app = createApp({ origin, rp, desk, simulator, sweep, environment: jpki.environment, evidenceKey: publicKey });
  return { rp, desk, evidenceKey: publicKey, app };
}
