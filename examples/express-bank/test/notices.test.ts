import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bank, startBank } from '../src/bank.ts';
import { CHANGED, MAILS } from '../src/notices/texts.ts';
import { linkedCustomer } from './link-story.ts';

let bank: Bank;
beforeAll(async () => {
  bank = await startBank({ people: 0 });
});
afterAll(() => bank.close());

test.each(Object.entries(MAILS))('the mail “%s” has a subject and a text, in both languages', (_name, { subject, text }) => {
  for (const words of [subject.ja, subject.en, text.ja, text.en]) expect(words).toMatch(/\S/);
});

test('the mail about a link that has ended says what became of it and offers nothing to undo', async () => {
  const { visitor } = await linkedCustomer(bank);
  const [, path = ''] = /action="(\/account\/links\/[^"]+\/end)"/.exec(await visitor.page('/account/certificates')) ?? [];
  await visitor.submit(path);
  expect(bank.desk.mailbox.all()[0]).toMatchObject({
    subject: CHANGED,
    text: {
      ja: 'お手続きにより、スマートフォンのつながりを終了しました。',
      en: 'As you asked, the link to your smartphone has ended.',
    },
    undo: null,
  });
});
