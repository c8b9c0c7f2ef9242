/** How a story is told in a terminal. Colours only where someone looks. */
export interface Teller {
  chapter(ja: string, en: string): void;
  line(text: string): void;
  fact(ja: string, en: string, value: string): void;
  good(what: string, why: string): void;
  bad(what: string, why: string): void;
}

const LABEL_WIDTH = 26;

export function createTeller(print: (line: string) => void, colours: boolean): Teller {
  const paint =
    (code: string) =>
    (text: string): string =>
      colours ? `\u001b[${code}m${text}\u001b[0m` : text;
  const [bold, dim, green, red, cyan] = [paint('1'), paint('2'), paint('32'), paint('31'), paint('36')];
  let count = 0;
  return {
    chapter: (ja, en) => {
      count += 1;
      print('');
      print(`${bold(cyan(`${count}  ${ja}`))}  ${dim(en)}`);
    },
    line: (text) => print(text === '' ? '' : `   ${text}`),
    fact: (ja, en, value) => print(`   ${dim(pad(`${ja} ${en}`, LABEL_WIDTH))} ${value}`),
    good: (what, why) => print(`   ${green('✓')} ${what}  ${dim(why)}`),
    bad: (what, why) => print(`   ${red('✗')} ${red(what)}  ${dim(why)}`),
  };
}

/** Japanese characters take two columns. */
const pad = (text: string, width: number): string => {
  const columns = [...text].reduce((sum, character) => sum + (/[\u3000-\u9fff\uff00-\uff60]/.test(character) ? 2 : 1), 0);
  return text + ' '.repeat(Math.max(0, width - columns));
};
