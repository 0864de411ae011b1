import { styleText } from 'node:util';

/** Tells the story in the terminal: each line with the time since the start. */
export interface Narrator {
  heading(text: string): void;
  line(text: string): void;
  good(text: string): void;
  bad(text: string): void;
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
  const timed = (text: string) => write(`${style('dim', clock(seconds()))}  ${text}`);
  return {
    heading: (text) => write(`\n${style('bold', text)}`),
    line: timed,
    good: (text) => timed(`${style('green', '✓')} ${text}`),
    bad: (text) => timed(`${style('red', '✗')} ${text}`),
    seconds,
  };
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2)}:${String(whole % 60).padStart(2, '0')}`;
}
