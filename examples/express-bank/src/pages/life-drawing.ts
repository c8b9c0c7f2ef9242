/** The life of certificates and links as a picture: account, cards, smartphones, the line between them as it stands, and how it came about. */
import type { CardLife, Life, LinkLife, Span } from '../life/life.ts';
import { type Html, html } from './html.ts';
import { linkSentence, spanOfTime, whyOf } from './link-words.ts';
import { type Page, shortDateOf, timeOf } from './page.ts';
import { ASSURANCE_WORDS, BASIS_WORDS, LINK_STATE_WORDS, SHORT_CLASS_WORDS } from './words.ts';

const WIDTH = 340;
const TRUNK = 16;
const CARD = { x: 34, width: 88, height: 66 };
const PHONE = { x: 236, width: 104, height: 66 };
const RAIL = CARD.x + CARD.width / 2;
const FACTS = 98;
const LINE = 17;
const ROW_GAP = 26;
const ALONE = 46;

const CARD_GLYPH = 'M-16-11h32a4 4 0 0 1 4 4v14a4 4 0 0 1-4 4h-32a4 4 0 0 1-4-4v-14a4 4 0 0 1 4-4ZM-15-5h9v7h-9zM1-3h14M1 3h14';
const PHONE_GLYPH = 'M-6-14h12a3 3 0 0 1 3 3v22a3 3 0 0 1-3 3h-12a3 3 0 0 1-3-3v-22a3 3 0 0 1 3-3ZM-2.500 10h5';

/** In use: by a link, or because it logs in by itself. */
const isInUse = ({ links, registered }: CardLife): boolean => registered || links.some(isLive);

const isLive = ({ link: { state } }: LinkLife): boolean => state === 'active' || state === 'suspended' || state === 'proposed';

export function lifeDrawing(page: Page, life: Life): Html {
  const { t, lang } = page;
  let y = 54;
  const groups: Html[] = [];
  const trunk: Html[] = [];
  const tops = new Map<number, number>();
  for (const group of life.cards) {
    const lively = isInUse(group);
    tops.set(group.card, y);
    trunk.push(html`<path class="branch ${lively ? 'live' : ''}" d="M${TRUNK} ${y + CARD.height / 2}h${CARD.x - TRUNK}"/>`);
    const drawn = drawCard(page, life, group, y);
    groups.push(drawn.picture);
    y = drawn.below;
  }
  for (const certificate of life.alone) {
    trunk.push(html`<path class="branch live" d="M${TRUNK} ${y + ALONE / 2}h${CARD.x - TRUNK}"/>`);
    const glyph = certificate.class.startsWith('card-') ? CARD_GLYPH : PHONE_GLYPH;
    groups.push(html`<g class="box live" data-alone="${certificate.class}" transform="translate(${CARD.x} ${y})"><rect width="${WIDTH - CARD.x}" height="${ALONE}" rx="12"/><path class="glyph" transform="translate(30 ${ALONE / 2}) scale(.8)" d="${glyph}"/>
<text class="name" x="58" y="20">${SHORT_CLASS_WORDS[certificate.class][lang]}</text><text class="fact" x="58" y="36">${t(`${timeOf(lang, certificate.registeredAt)} に登録`, `Registered ${timeOf(lang, certificate.registeredAt)}`)}</text></g>`);
    y += ALONE + 12;
  }
  const last = trunkEnd(life, tops, y);
  const axis = life.begin === null ? null : y + 8;
  const height = (axis === null ? y - 10 : axis + 16) + 2;
  return html`<svg class="life" viewBox="-2 -1 ${WIDTH + 4} ${height + 2}" role="img" aria-labelledby="life-title life-desc" data-testid="life">
<title id="life-title">${t('口座と電子証明書のつながり', 'Account, certificates and the links between them')}</title>
<desc id="life-desc">${description(page, life)}</desc>
<defs><pattern id="held" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="held-ground" width="6" height="6"/><rect class="held-stripe" width="2.500" height="6"/></pattern></defs>
${trunk}<path class="branch live" d="M${TRUNK} 36V${last}"/>
<g class="account"><rect width="104" height="36" rx="18"/><text x="52" y="23">${t('口座', 'Account')}</text></g>
${groups}
${axis !== null && life.begin !== null && html`<g class="axis"><text x="${FACTS}" y="${axis + 10}">${shortDateOf(lang, life.begin)}</text><text class="end" x="${WIDTH}" y="${axis + 10}">${t('いま', 'now')}</text></g>`}
</svg>`;
}

/** The account's line ends at the last thing that hangs on it. */
function trunkEnd(life: Life, tops: ReadonlyMap<number, number>, below: number): number {
  if (life.alone.length > 0) return below - 12 - ALONE / 2;
  const oldest = life.cards.at(-1);
  return (oldest === undefined ? 36 : (tops.get(oldest.card) ?? 36)) + CARD.height / 2;
}

function drawCard(page: Page, life: Life, group: CardLife, top: number): { readonly picture: Html; readonly below: number } {
  const { t } = page;
  const lively = isInUse(group);
  const rows: Html[] = [];
  let y = top;
  let rail = top;
  for (const row of group.links) {
    rail = y;
    const drawn = drawLink(page, life, row, { y, first: y === top });
    rows.push(drawn.picture);
    y = drawn.below;
  }
  let renewed: Html | null = null;
  if (group.renewal !== null) {
    const { link, of } = group.renewal;
    const at = group.links.length === 0 ? top + CARD.height + 18 : y - 6;
    renewed = html`<g data-link="${link.id}" data-state="${link.state}"><text class="fact" x="${FACTS}" y="${at}">${t(`カード ${of} から更新・${BASIS_WORDS[link.basis].ja}`, `Renewed from card ${of} · ${BASIS_WORDS[link.basis].en}`)}</text></g>`;
    y = at + ROW_GAP;
  }
  const picture = html`${rail > top && html`<path class="tie rail" d="M${RAIL} ${top + CARD.height}V${rail + PHONE.height / 2}"/>`}${rows}${renewed}
<g class="box ${lively ? 'live' : ''}" transform="translate(${CARD.x} ${top})"><rect width="${CARD.width}" height="${CARD.height}" rx="14"/><path class="glyph" transform="translate(${CARD.width / 2} 22)" d="${CARD_GLYPH}"/><text class="name middle" x="${CARD.width / 2}" y="53">${life.cardCount > 1 ? t(`カード ${group.card}`, `Card ${group.card}`) : t('カード', 'Card')}</text></g>`;
  return { picture, below: Math.max(y, top + CARD.height + ROW_GAP) };
}

function drawLink(
  page: Page,
  life: Life,
  row: LinkLife,
  { y, first }: { readonly y: number; readonly first: boolean },
): { readonly picture: Html; readonly below: number } {
  const { t, lang } = page;
  const { link, phone, spans } = row;
  const middle = y + PHONE.height / 2;
  const from = first ? CARD.x + CARD.width : RAIL;
  const pill = { x: (CARD.x + CARD.width + PHONE.x) / 2, width: 82 };
  const why = whyOf(page, link);
  const lines = [
    spanOfTime(page, link),
    t(
      `${BASIS_WORDS[link.basis].ja}・${ASSURANCE_WORDS[link.assurance].ja}`,
      `${BASIS_WORDS[link.basis].en} · ${ASSURANCE_WORDS[link.assurance].en}`,
    ),
    ...(why === null ? [] : [why]),
  ];
  const strip = y + PHONE.height + 10 + lines.length * LINE + 4;
  const picture = html`<g class="row ${link.state}" data-link="${link.id}" data-state="${link.state}">
<path class="tie" d="M${from} ${middle}H${PHONE.x}"/>
<g class="state" transform="translate(${pill.x} ${middle})"><rect x="${-pill.width / 2}" y="-13" width="${pill.width}" height="26" rx="13"/><text y="4">${LINK_STATE_WORDS[link.state][lang]}</text></g>
<g class="box ${isLive(row) ? 'live' : ''}" transform="translate(${PHONE.x} ${y})"><rect width="${PHONE.width}" height="${PHONE.height}" rx="14"/><path class="glyph" transform="translate(${PHONE.width / 2} 23)" d="${PHONE_GLYPH}"/><text class="name middle" x="${PHONE.width / 2}" y="55">${life.phoneCount > 1 ? t(`スマートフォン ${phone}`, `Smartphone ${phone}`) : t('スマートフォン', 'Smartphone')}</text></g>
${lines.map((line, index) => html`<text class="fact ${index === 2 ? 'why' : ''}" x="${FACTS}" y="${y + PHONE.height + 10 + (index + 1) * LINE - 5}">${line}</text>`)}
<path class="scale" d="M${FACTS} ${strip + 4}H${WIDTH}"/>${spans.map((span) => drawSpan(span, strip))}
</g>`;
  return { picture, below: strip + 8 + ROW_GAP };
}

const drawSpan = ({ state, from, to }: Span, y: number): Html => {
  const x = (share: number): number => Math.round((FACTS + share * (WIDTH - FACTS)) * 100) / 100;
  return html`<rect class="span ${state}" data-span="${state}" x="${x(from)}" y="${y}" width="${Math.round((x(to) - x(from)) * 100) / 100}" height="8" rx="4"/>`;
};

function description(page: Page, life: Life): string {
  const { t, lang } = page;
  const links = life.cards.flatMap(({ card, links: rows }) => rows.map(({ link, phone }) => linkSentence(page, link, { card, phone })));
  const alone = life.alone.map(({ class: certificateClass }) => SHORT_CLASS_WORDS[certificateClass][lang]);
  const sentences = [
    ...links,
    ...(alone.length === 0 ? [] : [t(`このほかに登録された電子証明書: ${alone.join('、')}。`, `Registered besides: ${alone.join(', ')}.`)]),
  ];
  return links.length === 0 ? [t('つながりはありません。', 'There are no links.'), ...sentences].join(' ') : sentences.join(' ');
}
