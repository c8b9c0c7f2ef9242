/** One identification as a story: from the first transaction to the day the card is revoked. Fails where the story would not be true. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BeginInput,
  type Binding,
  createRelyingParty,
  type IdentifiedOutcome,
  identityOf,
  memoryTransactionStore,
  type Operation,
  type Outcome,
} from '@jpki-rp/node-sdk';
import { jpki } from '@jpki-rp/node-sdk/express';
import { startSimulator } from '@jpki-rp/simulator';
import { type Carrier, CODES } from '@jpki-rp/verifier';
import { sealEvidence, verifyEvidence } from '@jpki-rp/verifier/evidence';
import { createLinkLedger, hmacIdentifier, memoryLinkStore } from '@jpki-rp/verifier/links';
import { connect } from './jpki.ts';
import { BANK } from './name.ts';
import { noticeText } from './notices/texts.ts';
import { declarationOf } from './operations/declaration.ts';
import { OPERATION_NAMES } from './operations/operations.ts';
import { CHECK_WORDS, CLASS_WORDS, REVOCATION_WORDS } from './pages/words.ts';
import type { Teller } from './teller.ts';

export async function tellStory(teller: Teller): Promise<void> {
  const { chapter, line, fact, good, bad } = teller;

  chapter('舞台', 'The stage');
  const simulator = await startSimulator();
  const { environment, verifier, close } = connect(simulator);
  const person = await simulator.person();
  fact(
    '認証局',
    'authority',
    `${environment.id}(${environment.anchors.length} 個の鍵、一つの名前 / ${environment.anchors.length} keys, one name per purpose)`,
  );
  fact('住民', 'person', `${person.name}(架空 / fictional)`);

  const account = randomBytes(8).toString('base64url');
  const ledger = createLinkLedger({
    store: memoryLinkStore(),
    identifier: hmacIdentifier({ keyId: 'k1', key: randomBytes(32) }),
    clock: () => simulator.now(),
    notify: (notice) => line(`✉  ${noticeText(notice).ja} / ${noticeText(notice).en}`),
  });

  const nothing: Operation['onOutcome'] = () => undefined;
  const server = createServer((request, response) => jpki(rp)(request, response, () => response.writeHead(404).end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rp = createRelyingParty({
    origin,
    name: BANK,
    verifier,
    door: simulator.doorProfile,
    transactions: memoryTransactionStore(),
    links: ledger,
    operations: {
      'open-account': {
        policy: { name: OPERATION_NAMES['open-account'], purpose: 'digital-signature', carriers: ['smartphone', 'card'] },
        onOutcome: nothing,
      },
      login: {
        policy: { name: OPERATION_NAMES.login, purpose: 'user-authentication', carriers: ['smartphone', 'card'] },
        onOutcome: nothing,
      },
    },
  });
  // This program is the bank's native app: it holds a secret, and only its hash is stored with the transaction.
  const binding: Binding = { kind: 'secret', value: randomBytes(32).toString('base64url') };
  const identify = async (
    operation: string,
    carrier: Carrier,
    more: Pick<BeginInput, 'document' | 'ceremony'> = {},
    watch?: {
      begun(id: string, expiresAt: string): void;
      asked(name: string, purpose: string): void;
      answered(message: Readonly<Record<string, unknown>>): void;
    },
  ): Promise<Outcome> => {
    const begun = await rp.begin({ operation, binding, account, carrierHint: carrier, ...more });
    watch?.begun(begun.transactionId, begun.expiresAt);
    const phone = await simulator.app.open('href' in begun.start ? begun.start.href : begun.start.content);
    watch?.asked(phone.request.relyingPartyName, phone.request.operationName);
    const { message, returnUrl } = await phone.answer({ person, carrier });
    watch?.answered(message);
    // The way back from the app leads here, and is followed with the secret.
    await fetch(returnUrl, { redirect: 'manual', headers: { authorization: `JPKI-Binding ${binding.value}` } });
    // The phone leads back to whoever began; an answer waits for that.
    await rp.handler(new Request(returnUrl, { headers: { authorization: `JPKI-Binding ${binding.value}` } }));
    return rp.complete(begun.transactionId, { binding });
  };

  try {
    chapter('取引', 'The transaction');
    const text = declarationOf({ branch: 'hoshimi-chuo', purpose: 'living' }, simulator.now());
    const outcome = await identify(
      'open-account',
      'smartphone',
      { document: { text } },
      {
        begun: (id, expiresAt) => {
          fact('取引', 'transaction', `${id.slice(0, 6)}…  〜 ${expiresAt}`);
          fact('署名する文面', 'to be signed', `「${text.split('\n')[0]}」 ${Buffer.byteLength(text)} bytes`);
        },
        asked: (name, why) => {
          chapter('アプリ', 'The app');
          fact('画面の表示', 'it shows', `${name} / ${why}`);
        },
        answered: ({ result, holder, cert, sig }) =>
          fact(
            '応答',
            'it returns',
            `result ${result}, holder ${holder}, certificate ${sizeOf(cert)} bytes, signature ${sizeOf(sig)} bytes`,
          ),
      },
    );
    const opened = identified(outcome);

    chapter('判定', 'The verdict');
    const { verdict } = opened;
    fact('種類', 'class', `${CLASS_WORDS[verdict.class].ja} / ${verdict.class}`);
    fact('媒体の証人', 'carrier by', opened.carrierWitnesses.join(' + '));
    for (const { name, status } of verdict.checks) {
      const { name: words, why } = CHECK_WORDS[name];
      (status === 'passed' ? good : bad)(`${words.ja} / ${words.en}`, `${why.ja}`);
    }
    for (const source of verdict.revocation.sources) {
      fact(
        '失効情報',
        'status by',
        `${REVOCATION_WORDS[source.kind].ja}: ${source.status}${source.nextUpdate === undefined ? '' : `, 〜 ${source.nextUpdate.toISOString()}`}`,
      );
    }
    good(`判定: ${verdict.result}`, '口座を開設できます / the account can be opened');
    const { person: holder } = identityOf(verdict);
    fact('氏名', 'name', holder?.name ?? '—');
    fact('住所', 'address', holder?.address ?? '—');
    fact('生年月日', 'born', holder?.dateOfBirth ?? '—');

    chapter('証跡', 'The evidence');
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const sealed = await sealEvidence(verdict.evidence(), privateKey);
    const file = join(await mkdtemp(join(tmpdir(), 'jpki-rp-demo-')), 'evidence.jws');
    await writeFile(file, sealed, { mode: 0o600 });
    fact('ファイル', 'file', `${file}(${sealed.length} bytes)`);
    const again = await verifyEvidence(sealed, { environment, keys: [publicKey] });
    if (!again.ok) throw new Error(`the evidence does not verify: ${again.code}`);
    good('もう一度検証: 同じ判定 / verified again: the same verdict', '通信なし / offline');
    const middle = Math.floor(sealed.length / 2);
    const changed = `${sealed.slice(0, middle)}${sealed[middle] === 'A' ? 'B' : 'A'}${sealed.slice(middle + 1)}`;
    const broken = await verifyEvidence(changed, { environment, keys: [publicKey] });
    if (broken.ok) throw new Error('changed evidence verifies');
    good(`一文字変えると: ${broken.code} / with one character changed`, CODES[broken.code].en);

    chapter('つながり', 'The link');
    const ceremony = randomBytes(16).toString('base64url');
    const card = identified(await identify('login', 'card', { ceremony: { id: ceremony, step: 'card' } }));
    good(`一. ${CLASS_WORDS[card.verdict.class].ja}`, card.verdict.class);
    const smartphone = identified(await identify('login', 'smartphone', { ceremony: { id: ceremony, step: 'smartphone' } }));
    good(`二. ${CLASS_WORDS[smartphone.verdict.class].ja}`, smartphone.verdict.class);
    const linked = await ledger.establish(card.verdict, smartphone.verdict, { account, ceremony: { id: ceremony } });
    if (!linked.ok) throw new Error(`not linked: ${linked.code}`);
    fact('つながり', 'link', `${linked.link.state}, ${linked.link.basis}, assurance ${linked.link.assurance}`);
    const login = identified(await identify('login', 'smartphone'));
    const found = await ledger.find({ verdict: login.verdict });
    if (!found.ok || found.account !== account) throw new Error('the smartphone does not find the account');
    good(
      'スマートフォンだけでログイン / the smartphone alone logs in',
      `カードの有効を最後に確認 / card last known good ${found.cardStatusAsOf.toISOString()}`,
    );

    chapter('カードの失効', 'The card is revoked');
    simulator.revoke(person, 'card', 'user-authentication', 'keyCompromise');
    line('認証局がカードの利用者証明用電子証明書を失効させました。 / The authority revokes the card’s certificate.');
    await refused(await identify('login', 'card'));
    const after = identified(await identify('login', 'smartphone'));
    const lost = await ledger.find({ verdict: after.verdict });
    if (lost.ok) throw new Error('the smartphone still finds the account');
    good(`スマートフォンでも口座は見つからない: ${lost.code}`, CODES[lost.code].en);
    line('');
    line('おわり。 / The end.');
  } finally {
    await close();
    await simulator.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async function refused(outcome: Outcome): Promise<void> {
    if (outcome.result === 'identified') throw new Error('a revoked card was believed');
    bad(`拒否: ${outcome.code} / refused`, `${CODES[outcome.code].ja}`);
    const { verdict } = outcome;
    if (verdict === undefined) throw new Error('refused without a verdict');
    fact('失効', 'revoked', `${verdict.revocation.reason ?? '—'}, ${verdict.revocation.revokedAt?.toISOString() ?? '—'}`);
    // The ledger has heard the verdict already.
    const history = await ledger.history(account);
    if (!history.ok) throw new Error(`the ledger cannot tell: ${history.code}`);
    for (const link of history.links) fact('つながり', 'link', `${link.state}(${link.endReason})`);
  }
}

function identified(outcome: Outcome): IdentifiedOutcome {
  if (outcome.result === 'identified') return outcome;
  throw new Error(`not identified: ${outcome.code}${outcome.detail === undefined ? '' : ` (${outcome.detail})`}`);
}

const sizeOf = (base64: unknown): number => (typeof base64 === 'string' ? Buffer.from(base64, 'base64').length : 0);
