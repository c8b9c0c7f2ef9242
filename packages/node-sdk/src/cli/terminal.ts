/** Where the command line reads its surroundings and writes its answers. Composition root: nothing else in the package does. */

/** Documented in docs/cli.md. */
export const EXIT = {
  /** Valid, good, the same, done. */
  ok: 0,
  /** Invalid, revoked, different, refused. */
  no: 1,
  /** It could not be established. */
  unknown: 2,
  /** The command line is wrong. */
  usage: 64,
  /** A file cannot be read or is not what it should be. */
  input: 65,
  /** A fault of ours. */
  internal: 70,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export type Language = 'ja' | 'en';

export interface Terminal {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** False: no progress bar, lines at most. */
  readonly interactive: boolean;
  readonly language: Language;
  readonly now: () => Date;
  /** Puts a question to a person and gives their answer; null where nobody is there to answer. */
  readonly ask: ((question: string) => Promise<string>) | null;
  /** Listens from now on for someone who wants long work to end between two steps. */
  readonly interruption: () => AbortSignal;
}

/** Ends a command with that code; the message says what to do, in the language asked for. */
export class CliFault extends Error {
  readonly exit: ExitCode;
  readonly texts: Readonly<Record<Language, string>>;

  constructor(exit: ExitCode, texts: Readonly<Record<Language, string>>) {
    super(texts.en);
    this.exit = exit;
    this.texts = texts;
  }
}

/** What a command answers: one value for `--json`, the same as lines for people. */
export interface Answer {
  readonly exit: ExitCode;
  readonly json: unknown;
  readonly lines: readonly string[];
}

/** Label and value, aligned; a value that is absent is no line. Control characters of a file never reach the terminal. */
export const table = (rows: readonly (readonly [label: string, value: string | number | null | undefined])[]): string[] => {
  const shown = rows.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(0, ...shown.map(([label]) => widthOf(label)));
  return shown.map(([label, value]) => `${label}${' '.repeat(width - widthOf(label))}  ${printable(String(value))}`);
};

export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u{fffd}');

/** Full-width characters take two columns. */
const widthOf = (text: string): number =>
  [...text].reduce(
    (sum, c) => sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(c) ? 2 : 1),
    0,
  );
