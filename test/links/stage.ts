/** A bank in front of a simulated JPKI: real certificates, real OCSP and CRLs, real HTTP; its sessions are a header. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRelyingParty, memoryTransactionStore, type Operation, type PublicOutcome, type StartDescriptor } from '@jpki-rp/node-sdk';
import { jpki } from '@jpki-rp/node-sdk/express';
import { type CertificateReference, type Person, type Simulator, type SimulatorOptions, startSimulator } from '@jpki-rp/simulator';
import { type Carrier, type CertificateClass, createVerifier, loadEnvironment, ocspSource, type ProvenVerdict } from '@jpki-rp/verifier';
import { type CrlIndex, ingestCrl, openCrlIndex } from '@jpki-rp/verifier/crl';
import {
  type BasisClaim,
  createLinkLedger,
  type EstablishResult,
  type FindContext,
  type FindResult,
  hmacIdentifier,
  type LinkLedger,
  type LinkLedgerOptions,
  type LinkNotice,
  type LinkOf,
  memoryLinkStore,
  memorySweepLog,
  openVerdict,
  revocationsIn,
  sealVerdict,
} from '@jpki-rp/verifier/links';
import { createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import express from 'express';

const IDENTIFIER_KEY = new Uint8Array(32).fill(1);
export const identifiers = {
  old: hmacIdentifier({ keyId: 'k1', key: IDENTIFIER_KEY }),
  rotated: hmacIdentifier({ keyId: 'k2', key: new Uint8Array(32).fill(2), previous: [{ keyId: 'k1', key: IDENTIFIER_KEY }] }),
};

export interface Visitor {
  send(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Response>;
}

/** What the bank's session says: set by the server, never by the page. */
export interface SessionOf {
  readonly account?: string;
  readonly ceremony?: string;
}

export interface Bank {
  readonly simulator: Simulator;
  readonly ledger: LinkLedger;
  readonly notices: LinkNotice[];
  readonly sessionsEnded: LinkOf[];
  /** What `login` asks the ledger for. */
  login: FindContext;
  basis: BasisClaim | ((card: ProvenVerdict) => Promise<BasisClaim>);
  visitor(): Visitor;
  /** Begins an operation, lets the person answer on their phone, comes back, completes. */
  run(who: Visitor, operation: string, person: Person, carrier: Carrier, session?: SessionOf): Promise<PublicOutcome>;
  /** Both steps in one browser. */
  link(account: string, cardOf: Person, phoneOf?: Person): Promise<EstablishResult>;
  /** What the ledger answers to a login, or the code that refused the certificate. */
  logIn(person: Person, carrier: Carrier): Promise<FindResult | string>;
  readonly established: EstablishResult[];
  /** Those of logins, newest last. */
  readonly verdicts: ProvenVerdict[];
  /** The issuer's word about a certificate, over HTTP. */
  ask(path: 'counterpart' | 'predecessor', certificate: Omit<CertificateReference, never>): Promise<CertificateReference | null>;
  /** Indexes of all lists of a class, each verified. */
  lists(certificateClass: CertificateClass): Promise<readonly CrlIndex[]>;
  /** A whole sweep of a class. */
  sweep(certificateClass: CertificateClass): Promise<number>;
  states(account: string): Promise<readonly string[]>;
  /** Another ledger over the same store. */
  also(options: Partial<LinkLedgerOptions>): LinkLedger;
  /** Moves the clock of everybody. */
  later(seconds: number): void;
  close(): Promise<void>;
}

export async function openBank(options: SimulatorOptions = {}, ledgerOptions: Partial<LinkLedgerOptions> = {}): Promise<Bank> {
  const simulator = await startSimulator({ seed: 11, ...options });
  const environment = loadEnvironment(simulator.environment);
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment) });
  // Nothing is remembered: each scenario asks what is true now.
  const verifier = createVerifier({
    environment,
    role: 'verifier',
    clock: simulator.now,
    revocation: { sources: [ocspSource({ fetcher })], policy: { mode: 'ocspcheck' } },
  });
  const store = memoryLinkStore();
  const sweeps = memorySweepLog();
  const notices: LinkNotice[] = [];
  const sessionsEnded: LinkOf[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'jpki-rp-links-'));
  const also = (more: Partial<LinkLedgerOptions>): LinkLedger =>
    createLinkLedger({
      store,
      sweeps,
      identifier: identifiers.old,
      clock: simulator.now,
      notify: (notice) => void notices.push(notice),
      endSessions: (ended) => void sessionsEnded.push(ended),
      issuerLinkInformation: ['article-18-4', 'article-37'],
      ...ledgerOptions,
      ...more,
    });
  const ledger = also({});
  const sealKey = randomBytes(32);
  const established: EstablishResult[] = [];
  const found: FindResult[] = [];
  const verdicts: ProvenVerdict[] = [];

  const sessionIn = (request: Request, step: string) => {
    const account = request.headers.get('x-account') ?? undefined;
    const id = request.headers.get('x-ceremony');
    return { ...(account === undefined ? {} : { account }), ...(id === null ? {} : { ceremony: { id, step } }) };
  };
  const policy = (carriers: readonly Carrier[]) =>
    ({ name: { ja: '手続き', en: 'Operation' }, purpose: 'user-authentication', carriers }) as const;
  const operations: Record<string, Operation> = {
    login: {
      policy: policy(['card', 'smartphone']),
      onOutcome: async (outcome) => {
        if (outcome.result !== 'identified') return null;
        verdicts.push(outcome.verdict);
        found.push(await ledger.find({ verdict: outcome.verdict, ...bank.login }));
        return null;
      },
    },
    'link-card': {
      policy: policy(['card']),
      prepare: (request) => sessionIn(request, 'card'),
      onOutcome: async (outcome, { ceremony, account = '' }) => {
        if (outcome.result !== 'identified' || ceremony === undefined) return null;
        await ceremony.keep(sealVerdict(outcome.verdict, sealKey, { context: `${account}/${ceremony.id}` }));
        return null;
      },
    },
    'link-smartphone': {
      policy: policy(['smartphone']),
      prepare: (request) => sessionIn(request, 'smartphone'),
      onOutcome: async (outcome, { ceremony, account = '' }) => {
        const sealed = (await ceremony?.take()) ?? null;
        if (outcome.result !== 'identified' || ceremony === undefined || sealed === null) return { step: 'lost' };
        const card = openVerdict(sealed, sealKey, { context: `${account}/${ceremony.id}` });
        const basis = typeof bank.basis === 'function' ? await bank.basis(card) : bank.basis;
        established.push(await ledger.establish(card, outcome.verdict, { account, ceremony: { id: ceremony.id }, basis }));
        return null;
      },
    },
    'renew-card': {
      policy: policy(['card']),
      prepare: (request) => sessionIn(request, 'renewal'),
      onOutcome: async (outcome, { ceremony, account = '' }) => {
        if (outcome.result !== 'identified' || ceremony === undefined) return null;
        const { class: certificateClass, certificate } = outcome.verdict;
        const predecessor = await bank.ask('predecessor', { ...certificate, class: certificateClass });
        if (predecessor === null) return { predecessor: null };
        established.push(
          await ledger.renew(outcome.verdict, {
            account,
            ceremony: { id: ceremony.id },
            predecessor,
            basis: { kind: 'issuer-link-information' },
          }),
        );
        return null;
      },
    },
  };

  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rp = createRelyingParty({
    origin,
    name: { ja: '見本銀行', en: 'Sample Bank' },
    verifier,
    door: simulator.doorProfile,
    transactions: memoryTransactionStore(),
    basePath: '/jpki',
    links: ledger,
    operations,
    clock: simulator.now,
    onError: (error) => {
      throw error;
    },
  });
  app.use('/jpki', jpki(rp));

  const indexes: CrlIndex[] = [];
  const bank: Bank = {
    simulator,
    ledger,
    notices,
    sessionsEnded,
    established,
    verdicts,
    login: {},
    basis: { kind: 'same-session' },
    also,
    visitor: () => {
      const jar: Record<string, string> = { origin };
      return {
        send: async (method, path, body, headers = {}) => {
          const response = await fetch(path.startsWith('http') ? path : `${origin}/jpki${path}`, {
            method,
            headers: { ...jar, 'content-type': 'application/json', ...headers },
            redirect: 'manual',
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          });
          const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
          if (cookie !== undefined) jar['cookie'] = cookie;
          return response;
        },
      };
    },
    run: async (who, operation, person, carrier, { account, ceremony } = {}) => {
      const session = {
        ...(account === undefined ? {} : { 'x-account': account }),
        ...(ceremony === undefined ? {} : { 'x-ceremony': ceremony }),
      };
      const begun = (await (await who.send('POST', '/transactions', { v: 1, operation }, session)).json()) as StartDescriptor;
      const phone = await simulator.app.open(begun.start.kind === 'qr' ? begun.start.content : begun.start.href);
      const { returnUrl } = await phone.answer({ person, carrier });
      await who.send('GET', returnUrl);
      return (await (await who.send('POST', `/transactions/${begun.transactionId}/complete`, { v: 1 })).json()) as PublicOutcome;
    },
    link: async (account, cardOf, phoneOf = cardOf) => {
      const browser = bank.visitor();
      const session = { account, ceremony: randomBytes(16).toString('base64url') };
      established.length = 0;
      await bank.run(browser, 'link-card', cardOf, 'card', session);
      const { code } = await bank.run(browser, 'link-smartphone', phoneOf, 'smartphone', session);
      const result = established.at(-1);
      if (result === undefined) throw new Error(code ?? 'nothing was established');
      return result;
    },
    logIn: async (person, carrier) => {
      found.length = 0;
      const outcome = await bank.run(bank.visitor(), 'login', person, carrier);
      return found[0] ?? outcome.code ?? outcome.result;
    },
    ask: async (path, { class: certificateClass, issuerKeyId, serialNumber }) => {
      const response = await fetch(`${simulator.urls.links}/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${simulator.controlToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ source: 'article-37', class: certificateClass, issuerKeyId, serialNumber }),
      });
      if (!response.ok) throw new Error(`link information: ${response.status}`);
      return ((await response.json()) as { certificate: CertificateReference | null }).certificate;
    },
    lists: async (certificateClass) => {
      const sources = environment.classes[certificateClass]?.crl.sources ?? [];
      return await Promise.all(
        sources.map(async ({ anchor: id, distributionPoint, url }) => {
          const anchor = environment.anchors.find((candidate) => candidate.id === id);
          if (anchor === undefined) throw new Error('no such anchor');
          const into = join(folder, randomBytes(8).toString('hex'));
          const list = new Uint8Array(await (await fetch(url)).arrayBuffer());
          const ingested = await ingestCrl(list, {
            issuer: anchor,
            scope: { class: certificateClass, distributionPoint },
            into,
            at: simulator.now(),
          });
          if (!ingested.ok) throw new Error(ingested.code);
          const index = await openCrlIndex(into);
          indexes.push(index);
          return index;
        }),
      );
    },
    sweep: async (certificateClass) => {
      const lists = await bank.lists(certificateClass);
      const asOf = new Date(Math.min(...lists.map(({ info }) => info.thisUpdate.getTime())));
      return (await ledger.reconcile({ revocations: revocationsIn(lists), asOf, complete: certificateClass })).changed;
    },
    states: async (account) => {
      const known = await ledger.history(account);
      return known.ok ? known.links.map(({ state, endReason }) => (endReason === null ? state : `${state}: ${endReason}`)) : [known.code];
    },
    later: (seconds) => simulator.advanceTo(new Date(simulator.now().getTime() + seconds * 1000)),
    close: async () => {
      for (const index of indexes) index.close();
      server.closeAllConnections();
      server.close();
      await fetcher.close();
      await simulator.close();
      await rm(folder, { recursive: true });
    },
  };
  return bank;
}
