/** `links show|history|erase`: what a ledger knows about an account, named by its id. Identifiers of certificates are not shown. */
import { CODES } from '@jpki-rp/verifier';
import type { History, Link, LinkEvent } from '@jpki-rp/verifier/links';
import { type LedgerArguments, withLedger } from './links-database.ts';
import { type Answer, CliFault, EXIT, type Language, printable, type Terminal, table } from './terminal.ts';

export interface AccountArguments extends LedgerArguments {
  readonly account: string;
}

/** `link-busy`: nothing was established, and the same again may work. */
export const refusedLink = (code: keyof typeof CODES, language: Language): Answer => ({
  exit: code === 'link-busy' ? EXIT.unknown : EXIT.no,
  json: { ok: false, code },
  lines: [code, CODES[code][language]],
});

const historyOf = (args: AccountArguments, terminal: Terminal, answer: (history: History) => Answer): Promise<Answer> =>
  withLedger(args, terminal, async (ledger) => {
    const known = await ledger.history(args.account);
    return known.ok ? answer(known) : refusedLink(known.code, terminal.language);
  });

type Words = Readonly<Record<string, readonly [ja: string, en: string]>>;
const WORDS = {
  account: ['アカウント', 'account'],
  link: ['紐付け', 'link'],
  relation: ['関係', 'relation'],
  state: ['状態', 'state'],
  held: ['停止の理由', 'held for'],
  basis: ['根拠', 'basis'],
  assurance: ['保証', 'assurance'],
  since: ['有効になった日時', 'active since'],
  ended: ['終了', 'ended'],
  cardGood: ['カードの有効確認', 'card known good'],
  phoneGood: ['相手方の有効確認', 'counterpart known good'],
  expires: ['期限（月の切り上げ）', 'expires by'],
  head: ['先頭のMAC', 'head'],
} as const satisfies Words;

/** The links of an account and the state each is in. */
export const show = (args: AccountArguments, terminal: Terminal): Promise<Answer> =>
  historyOf(args, terminal, ({ account, links }) => ({
    exit: EXIT.ok,
    json: { ok: true, account, links: links.map(shownLink) },
    lines: [
      ...table([[word('account', terminal.language), account]]),
      ...links.flatMap((link) => ['', ...linkLines(link, terminal.language)]),
    ],
  }));

const shownLink = ({ from, to, ...link }: Link) => ({
  ...link,
  from: { class: from.class, statusAsOf: from.statusAsOf },
  to: { class: to.class, statusAsOf: to.statusAsOf },
});

const word = (name: keyof typeof WORDS, language: Language): string => WORDS[name][language === 'ja' ? 0 : 1];

const linkLines = (link: Link, language: Language): string[] => {
  const ended =
    link.endedAt === null ? null : [link.endedAt, link.endReason, link.revocationReason].filter((part) => part !== null).join(' ');
  const rows: readonly (readonly [keyof typeof WORDS, string | null])[] = [
    ['link', link.id],
    ['relation', `${link.relation} (${link.from.class} → ${link.to.class})`],
    ['state', link.state],
    ['held', link.suspensions.map(({ reason, side, since }) => [reason, side, since].filter((part) => part !== null).join(' ')).join(', ')],
    ['basis', link.legalSource === null ? link.basis : `${link.basis} (${link.legalSource})`],
    ['assurance', link.assurance],
    ['since', link.activeSince],
    ['ended', ended],
    ['cardGood', link.from.statusAsOf],
    ['phoneGood', link.to.statusAsOf],
    ['expires', link.expiresBy],
  ];
  return table(rows.map(([name, value]) => [word(name, language), value] as const));
};

/** Every event since the account was first seen, oldest first: the chain is verified before a line is printed. */
export const history = (args: AccountArguments, terminal: Terminal): Promise<Answer> =>
  historyOf(args, terminal, ({ account, events, head }) => ({
    exit: EXIT.ok,
    json: { ok: true, account, head, events: events.map(({ sequence, event }) => ({ sequence, ...shownEvent(event) })) },
    lines: [
      ...events.map(({ event }) => {
        const { at, type, ...rest } = shownEvent(event);
        const details = Object.entries(rest).flatMap(([name, value]) => (value === null ? [] : [`${name}=${String(value)}`]));
        return printable([at, type, ...details].join('  '));
      }),
      ...table([[word('head', terminal.language), head]]),
    ],
  }));

type ShownEvent = { readonly at: string; readonly type: LinkEvent['type'] } & Readonly<Record<string, string | null>>;

/** Without identifiers, sealed certificates and references to evidence. */
const shownEvent = (event: LinkEvent): ShownEvent => {
  const { at, type } = event;
  switch (event.type) {
    case 'link-proposed':
      return { at, type, link: event.link, relation: event.relation, basis: event.basis, legalSource: event.legalSource };
    case 'link-activated':
      return { at, type, link: event.link };
    case 'link-suspended':
      return { at, type, link: event.link, reason: event.suspension.reason, side: event.suspension.side, raw: event.raw };
    case 'link-resumed':
      return { at, type, link: event.link, reason: event.reason, side: event.side };
    case 'link-superseded':
      return { at, type, link: event.link, by: event.by };
    case 'link-ended':
      return { at, type, link: event.link, reason: event.reason, by: event.by, side: event.side, raw: event.raw, asOf: event.asOf };
    case 'status-seen':
      return { at, type, asOf: event.asOf };
    default:
      return { at, type };
  }
};

/** Destroys what the ledger knows about an account; asks for its id once more unless `--yes` says that it has been asked. */
export const erase = async (args: AccountArguments & { readonly yes: boolean }, terminal: Terminal): Promise<Answer> => {
  if (!args.yes) await confirmErasure(args.account, terminal);
  return await withLedger(args, terminal, async (ledger) => {
    const erased = await ledger.erase(args.account);
    if (!erased.ok) return refusedLink(erased.code, terminal.language);
    const { erasedAt, events } = erased.tombstone;
    return {
      exit: EXIT.ok,
      json: erased,
      lines: [terminal.language === 'ja' ? `消去しました（${events}件の記録、${erasedAt}）` : `erased (${events} events, ${erasedAt})`],
    };
  });
};

const confirmErasure = async (account: string, { ask, language }: Terminal): Promise<void> => {
  const words = {
    question:
      language === 'ja'
        ? '元に戻せません。アカウント番号をもう一度入力してください: '
        : 'This cannot be undone. Type the account id again: ',
  };
  if (ask === null) {
    throw new CliFault(EXIT.usage, {
      ja: '確認できる端末がありません。消去するなら --yes を付けてください',
      en: 'there is no terminal to confirm on: add --yes to erase',
    });
  }
  if ((await ask(words.question)) !== account) throw new CliFault(EXIT.no, { ja: '消去しませんでした', en: 'nothing was erased' });
};
