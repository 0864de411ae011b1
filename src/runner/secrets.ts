/** What must not be read in a log: keys by their form, and values that the environment calls secret. */
export interface Secrets {
  /** Finds a whole secret: a value, or a key by its form. */
  readonly whole: RegExp;
  /** Finds the beginning of a key by its form at the very end of a text. */
  readonly begun: RegExp;
  /** Values to be found as they are, longest first; bytes as Latin-1, like every text here. */
  readonly values: readonly string[];
  /** The length from which a text holds any key's form. */
  readonly longestForm: number;
}

/** A form of key: how it begins, and at least how many of which characters follow. */
interface KeyForm {
  start: string;
  body: string;
  least: number;
  /** Whether it must begin a word, since the start is common within words ("task-"). */
  word?: boolean;
}

const word = 'A-Za-z0-9_';
const forms: KeyForm[] = [
  { start: 'sk-ant-', body: `${word}-`, least: 10, word: true },
  { start: 'sk-', body: `${word}-`, least: 20, word: true },
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'].map((start) => ({
    start,
    body: word,
    least: 20,
  })),
  { start: 'AKIA', body: 'A-Z0-9', least: 16 },
  ...['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-'].map((start) => ({ start, body: `${word}-`, least: 10 })),
  { start: 'AIza', body: `${word}-`, least: 30 },
  ...['Bearer ', 'bearer '].map((start) => ({ start, body: `${word}.~+/=-`, least: 16 })),
];

/** A word begins after anything but a letter or digit, and after an escape in a JSON text (`\n`). */
const wordBegins = '(?:(?<![A-Za-z0-9])|(?<=\\\\[nrtbf])|(?<=\\\\u[0-9a-fA-F]{4}))';
/** How far back `wordBegins` looks. */
export const lookBehind = 6;

const secretName = /(KEY|TOKEN|SECRET|PASSWORD)$/i;
/** A shorter value is no secret that could be told from ordinary text. */
export const shortestValue = 8;

/** The secrets of an environment, these further ones, and every key of a known form. */
export function secretsOf(env: NodeJS.ProcessEnv, further: readonly string[] = []): Secrets {
  const called = Object.entries(env).filter(([name]) => secretName.test(name));
  const values = [...called.map(([, value = '']) => value), ...further]
    .flatMap(spellings)
    .filter((value) => value.length >= shortestValue)
    .sort((a, b) => b.length - a.length);
  const unique = [...new Set(values)];
  const whole = [
    ...unique.map(escaped),
    ...forms.map((form) => `${opening(form)}[${form.body}]{${form.least},}`),
  ];
  return {
    whole: new RegExp(whole.join('|'), 'g'),
    begun: new RegExp(`(?:${forms.flatMap(beginnings).join('|')})$`, 'g'),
    values: unique,
    longestForm: Math.max(...forms.map(({ start, least }) => start.length + least)) + lookBehind,
  };
}

/** The characters that may go on after a key of this form; undefined for a value, which is as long as it is. */
export function bodyOf(found: string, secrets: Secrets): RegExp | undefined {
  if (secrets.values.includes(found)) return undefined;
  const form = forms.find(({ start }) => found.startsWith(start));
  return form && new RegExp(`[^${form.body}]`);
}

/** A value as it is, each of its lines (a key file has many), and as a JSON text holds it. */
function spellings(value: string): string[] {
  const all = [value.trim(), ...value.split(/\r?\n/).map((line) => line.trim())];
  return all.flatMap((text) => [latin1(text), latin1(JSON.stringify(text).slice(1, -1))]);
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function opening({ start, word }: KeyForm): string {
  return `${word ? wordBegins : ''}${escaped(start)}`;
}

/** Every way in which a text can end within this form. */
function beginnings(form: KeyForm): string[] {
  const { start, body, least } = form;
  const cut = Array.from({ length: start.length - 1 }, (_, index) => escaped(start.slice(0, index + 1)));
  return [
    ...cut.map((text) => `${form.word ? wordBegins : ''}${text}`),
    `${opening(form)}[${body}]{0,${least - 1}}`,
  ];
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
