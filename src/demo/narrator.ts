import { styleText } from 'node:util';

/** Tells the story in the terminal: each line with the time since the start. */
export interface Narrator {
  heading(text: string): void;
  line(text: string): void;
  good(text: string): void;
  bad(text: string): void;
  /** Somebody else's words, or a command: indented, and broken where the terminal ends. */
  quote(text: string): void;
  /** Without the time. */
  plain(text: string): void;
  /** Seconds since the start. */
  seconds(): number;
}

export function createNarrator(
  stream: NodeJS.WriteStream,
  monotonic: () => number = () => performance.now(),
): Narrator {
  const begun = monotonic();
  const seconds = () => (monotonic() - begun) / 1000;
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream });
  const write = (text: string) => void stream.write(`${text}\n`);
  const timed = (text: string, mark = '') => {
    const hanging = ' '.repeat(mark ? 9 : 7);
    const [first = '', ...rest] = wrap(text, (stream.columns ?? longestLine) - hanging.length);
    write(`${style('dim', clock(seconds()))}  ${mark}${first}`);
    for (const line of rest) write(`${hanging}${line}`);
  };
  return {
    heading: (text) => write(`\n${style('bold', wrap(text, stream.columns ?? longestLine).join('\n'))}`),
    line: (text) => timed(text),
    good: (text) => timed(text, `${style('green', '✓')} `),
    quote: (text) => {
      for (const line of wrap(text, (stream.columns ?? quoteWidth) - indent.length))
        write(`${indent}${line}`);
    },
    plain: (text) => write(`  ${text}`),
    bad: (text) => timed(text, `${style('red', '✗')} `),
    seconds,
  };
}

const indent = ' '.repeat(11);
/** Where there is no terminal: others' words are broken there too, our own lines stay whole. */
const quoteWidth = 100;
const longestLine = Number.POSITIVE_INFINITY;

/** Breaks a text between words; a word that is longer than the width stays whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2)}:${String(whole % 60).padStart(2, '0')}`;
}
