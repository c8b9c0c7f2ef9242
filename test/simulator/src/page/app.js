/** The phone's screens. Every call to a relying party is made by the simulator process, never by this page. */
import { both, element, heading } from './dom.js';
import { requestScreen } from './request.js';
import { FAILURES, RESULTS } from './texts.js';

const KEPT = 'virtual-app-session';
const screen = document.getElementById('screen');

function show(...children) {
  screen.replaceChildren(...children);
  screen.focus({ preventScroll: true });
  toTop();
}

/** The page scrolls on a phone, the screen inside its frame on a desktop. */
function toTop() {
  scrollTo(0, 0);
  screen.scrollTo(0, 0);
}

async function call(path, body) {
  let response;
  try {
    response = await fetch(`/app/api/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch {
    throw { code: 'offline' };
  }
  const answer = await response.json().catch(() => ({ code: 'offline' }));
  if (!response.ok) throw answer;
  return answer;
}

const trouble = ({ code }) => {
  const [ja, en] = FAILURES[code] ?? FAILURES['request-invalid'];
  return element('p', { class: 'trouble', role: 'alert', testid: 'error', 'data-code': code }, ...both(ja, en, true));
};

function scanScreen(failure) {
  const input = element('textarea', { testid: 'link-input', id: 'link', autocomplete: 'off', spellcheck: 'false', required: true });
  const form = element(
    'form',
    {
      class: 'card',
      onsubmit: (event) => {
        event.preventDefault();
        if (input.value.trim() !== '') open(input.value);
      },
    },
    heading('QRコードの内容を貼り付け', 'Paste the QR content or link'),
    element('label', { class: 'field', for: 'link' }, 'サービスの画面に表示されたQRコードの内容、またはリンク', input),
    element('button', { testid: 'link-open' }, ...both('読み取る', 'Open')),
  );
  show(...(failure === undefined ? [] : [trouble(failure)]), form, ...camera());
}

/** Where the browser can read QR codes itself. */
function camera() {
  if (!('BarcodeDetector' in globalThis) || navigator.mediaDevices === undefined) return [];
  const video = element('video', { playsinline: true, muted: true, hidden: true });
  const start = async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      const detector = new globalThis.BarcodeDetector({ formats: ['qr_code'] });
      while (video.isConnected) {
        const [found] = await detector.detect(video);
        if (found !== undefined) {
          open(found.rawValue);
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      for (const track of stream.getTracks()) track.stop();
    } catch {
      video.hidden = true;
    }
  };
  const button = element('button', { class: 'quiet', type: 'button', testid: 'scan-camera', onclick: start });
  button.append(...both('カメラで読み取る', 'Use the camera'));
  return [element('div', { class: 'actions' }, button, video)];
}

const waiting = (ja, en) => show(element('p', { class: 'card', role: 'status', testid: 'waiting' }, ...both(ja, en)));

async function open(link) {
  waiting('サービスに問い合わせています…', 'Asking the service…');
  try {
    const opened = await call('open', { link: link.trim() });
    // The ticket is spent: a reload continues from here instead of spending it again.
    sessionStorage.setItem(KEPT, JSON.stringify(opened));
    await ask(opened);
  } catch (failure) {
    scanScreen(failure);
  }
}

async function ask({ session, request }) {
  const { people } = await call('people');
  show(
    ...requestScreen({
      request,
      people,
      addPerson: async () => {
        try {
          await call('people', {});
          await ask({ session, request });
        } catch {
          screen.prepend(trouble({ code: 'people' }));
        }
      },
      answer: async (answer) => {
        try {
          const result = await call('answer', { session, ...answer });
          sessionStorage.removeItem(KEPT);
          resultScreen(result, request);
        } catch (failure) {
          if (failure.code === 'session-unknown' || failure.code === 'rp-unreachable') {
            sessionStorage.removeItem(KEPT);
            scanScreen(failure);
          } else {
            screen.querySelector('[data-testid=error]')?.remove();
            screen.prepend(trouble(failure));
            toTop();
          }
        }
      },
    }),
  );
}

function resultScreen({ status, result, tries, returnUrl }, { matchNumber, relyingPartyName }) {
  const text = RESULTS[result ?? 'none'];
  const accepted = status === 0 || (status >= 200 && status < 300);
  const good = text.good === true && accepted;
  const shown = accepted ? text : { ja: 'サービスが応答を受け付けませんでした', en: 'The service refused the answer', more: '' };
  const card = element(
    'section',
    { class: 'card result', testid: 'result', 'data-result': result ?? 'none', 'data-status': status },
    element('div', { class: good ? 'sign' : 'sign bad', 'aria-hidden': 'true' }, good ? '✓' : '!'),
    element('h2', {}, ...both(shown.ja, shown.en, true)),
    typeof tries === 'number' && tries > 0
      ? element('p', { testid: 'tries' }, ...both(`あと${tries}回でロックされます。`, `${tries} tries left.`, true))
      : null,
    good && matchNumber !== undefined ? null : element('p', {}, shown.more),
    element('p', { class: 'code', testid: 'result-code' }, `${result ?? '—'} / HTTP ${status || '—'}`),
  );
  if (good && matchNumber !== undefined) {
    card.append(
      element('p', {}, ...both('はじめた画面（パソコンなど）に、この数字を入力してください。', 'Type this number where you began.', true)),
      element('p', { class: 'number', testid: 'match-number' }, matchNumber),
      element('p', {}, ...both('だれかに聞かれても教えないでください。', 'Never tell it to anybody.', true)),
    );
  }
  const back = URL.canParse(returnUrl) ? new URL(returnUrl) : null;
  const link =
    back !== null && (back.protocol === 'https:' || back.protocol === 'http:')
      ? element(
          'a',
          { class: matchNumber === undefined ? 'button' : 'button quiet', href: back.href, rel: 'noreferrer', testid: 'return-link' },
          ...both('利用中のサービスへ戻る', `Back to ${relyingPartyName}`, true),
        )
      : null;
  const again = element('button', { class: 'quiet', type: 'button', testid: 'start-over', onclick: () => scanScreen() });
  again.append(...both('別のQRコードを読み取る', 'Scan another'));
  show(card, element('div', { class: 'actions' }, link, again));
}

/** A link opens this page with its ticket; it is spent at once and taken out of the address. */
const arrived = new URL(location.href);
const kept = sessionStorage.getItem(KEPT);
if (arrived.searchParams.has('t')) {
  history.replaceState(null, '', '/app');
  open(arrived.href);
} else if (kept !== null) {
  ask(JSON.parse(kept)).catch(scanScreen);
} else scanScreen();
