/** Who asks, why, and with what it is answered. */
import { both, element, heading } from './dom.js';
import { CARRIERS, OUTCOMES, PURPOSES } from './texts.js';

const FORMATS = {
  'user-authentication': {
    pattern: /^[0-9]{4}$/,
    label: ['暗証番号（数字4桁）', 'PIN, 4 digits'],
    hint: '数字4桁で入力してください。 / 4 digits.',
  },
  'digital-signature': {
    pattern: /^[A-Z0-9]{6,16}$/,
    label: ['署名用パスワード（英大文字・数字 6〜16文字）', 'Signing password, 6–16 upper-case letters and digits'],
    hint: '英大文字と数字、6〜16文字で入力してください。 / 6–16 upper-case letters and digits.',
  },
};

const holds = (person, carrier, purpose) =>
  person.certificates.some((certificate) => certificate.carrier === carrier && certificate.purpose === purpose);

export function requestScreen({ request, people, answer, addPerson }) {
  const { purpose } = request;
  const format = FORMATS[purpose];
  const state = { person: people[0], carrier: undefined, outcome: 'success' };
  const pickCarrier = () => {
    const possible = ['smartphone', 'card'].filter((carrier) => request.carriers.includes(carrier));
    const held = possible.filter((carrier) => state.person !== undefined && holds(state.person, carrier, purpose));
    if (!possible.includes(state.carrier) || (held.length > 0 && !held.includes(state.carrier))) state.carrier = held[0] ?? possible[0];
  };
  pickCarrier();

  const carriers = element('div', { class: 'choices two', role: 'radiogroup', 'aria-label': '媒体 Carrier' });
  const unlock = element('input', {
    type: 'password',
    id: 'unlock',
    class: purpose === 'user-authentication' ? 'pin' : '',
    inputmode: purpose === 'user-authentication' ? 'numeric' : 'text',
    maxlength: purpose === 'user-authentication' ? 4 : 16,
    autocomplete: 'off',
    autocapitalize: 'characters',
    'aria-describedby': 'unlock-trouble',
    testid: 'unlock-input',
    oninput: () => {
      unlock.value = unlock.value.toUpperCase();
      said.hidden = true;
    },
  });
  const said = element('p', { class: 'trouble', id: 'unlock-trouble', role: 'alert', hidden: true, testid: 'unlock-trouble' }, format.hint);
  const biometrics = element('button', {
    class: 'quiet',
    type: 'button',
    testid: 'biometrics',
    onclick: () => send({ unlock: 'biometrics' }),
  });
  biometrics.append(...both('生体認証で承認する', 'Approve with biometrics'));
  const fill = element('button', {
    class: 'link',
    type: 'button',
    testid: 'fill-unlock',
    onclick: () => {
      unlock.value = state.person.pins[purpose === 'user-authentication' ? 'authentication' : 'signing'];
      said.hidden = true;
    },
  });
  fill.append('この架空の人物のものを入力 ', element('span', { lang: 'en' }, 'fill in the fictional person’s'));
  const approve = element('button', { testid: 'approve' });
  approve.append(
    ...(purpose === 'digital-signature' ? both('署名して送る', 'Sign and send') : both('認証して送る', 'Authenticate and send')),
  );
  const cancel = element('button', {
    class: 'quiet',
    type: 'button',
    testid: 'cancel',
    disabled: people.length === 0,
    onclick: () => send({ outcome: 'cancel' }),
  });
  cancel.append(...both('中止する', 'Cancel'));

  const drawCarriers = () => {
    pickCarrier();
    carriers.replaceChildren(
      ...Object.entries(CARRIERS).map(([carrier, [ja, en]]) => {
        const asked = request.carriers.includes(carrier);
        const held = state.person !== undefined && holds(state.person, carrier, purpose);
        return element(
          'label',
          { class: 'choice' },
          element('input', {
            type: 'radio',
            name: 'carrier',
            value: carrier,
            testid: `carrier-${carrier}`,
            disabled: !asked,
            checked: carrier === state.carrier,
            onchange: () => {
              state.carrier = carrier;
              drawUnlock();
            },
          }),
          element('span', {}, ja, element('small', {}, !asked ? '受付対象外 not accepted' : held ? en : '証明書なし no certificate')),
        );
      }),
    );
    drawUnlock();
  };
  const drawUnlock = () => {
    biometrics.hidden = !(state.carrier === 'smartphone' && purpose === 'user-authentication');
    unlock.value = '';
  };

  async function send(over) {
    const buttons = [approve, cancel, biometrics];
    for (const button of buttons) button.disabled = true;
    await answer({ person: state.person.id, carrier: state.carrier, outcome: state.outcome, ...over });
    for (const button of buttons) button.disabled = false;
  }

  const form = element(
    'form',
    {
      class: 'actions',
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        if (state.outcome !== 'success') {
          send({});
          return;
        }
        if (!format.pattern.test(unlock.value)) {
          said.hidden = false;
          unlock.focus();
          return;
        }
        send({ unlock: unlock.value });
      },
    },
    element(
      'section',
      { class: 'card' },
      heading('だれの証明書を使いますか', 'Whose certificate'),
      element(
        'div',
        { class: 'choices', role: 'radiogroup', 'aria-label': '人物 Person' },
        ...people.map((person) =>
          element(
            'label',
            { class: 'choice' },
            element('input', {
              type: 'radio',
              name: 'person',
              value: person.id,
              testid: `person-${person.id}`,
              checked: person === state.person,
              onchange: () => {
                state.person = person;
                drawCarriers();
              },
            }),
            element('span', {}, person.name, element('small', {}, `架空の人物 fictional · ${person.id}`)),
          ),
        ),
      ),
      element(
        'button',
        { class: 'link', type: 'button', testid: 'add-person', onclick: addPerson },
        '＋ 架空の人物を追加 Add a fictional person',
      ),
    ),
    people.length === 0
      ? null
      : element(
          'section',
          { class: 'card' },
          heading('媒体と暗証番号', 'Carrier and PIN'),
          carriers,
          element('p', {}),
          element('label', { class: 'field', for: 'unlock' }, ...both(format.label[0], format.label[1], true), unlock),
          said,
          fill,
        ),
    people.length === 0 ? null : approve,
    people.length === 0 ? null : biometrics,
    cancel,
    outcomes((outcome) => {
      state.outcome = outcome;
    }),
  );
  drawCarriers();
  return [asker(request), ...(request.documentText === undefined ? [] : [documentCard(request.documentText)]), form];
}

function asker({ relyingPartyName, relyingPartyOrigin, operationName, purpose }) {
  const [ja, en] = PURPOSES[purpose];
  return element(
    'section',
    { class: 'card', testid: 'request' },
    heading('依頼元', 'Who asks'),
    element('div', { class: 'asker', testid: 'rp-name' }, relyingPartyName),
    element('div', { class: 'origin', testid: 'rp-origin' }, relyingPartyOrigin),
    element('p', { class: 'why', testid: 'operation' }, operationName),
    element('p', { class: 'purpose', testid: 'purpose', 'data-purpose': purpose }, ...both(ja, en, true)),
  );
}

const documentCard = (text) =>
  element(
    'section',
    { class: 'card' },
    heading('署名する文書', 'The document to be signed'),
    element('pre', { class: 'document', testid: 'document', tabindex: '0' }, text),
  );

function outcomes(choose) {
  const select = element('select', { testid: 'outcome-select', id: 'outcome', onchange: () => choose(select.value) });
  select.append(...OUTCOMES.map(([value, ja, en]) => element('option', { value }, `${ja} / ${en}`)));
  return element(
    'details',
    { testid: 'outcomes' },
    element('summary', {}, ...both('試験用の応答', 'Test outcomes')),
    element('label', { class: 'field', for: 'outcome' }, ...both('このアプリの応答', 'How this app answers'), select),
  );
}
