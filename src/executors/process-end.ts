import { stripVTControlCharacters } from 'node:util';
import type { ProcessEnd } from './executor.ts';

const longestMessage = 4000;

/** "exit 2: the last lines of output": what a person reads first about a failure. */
export function describeEnd(end: ProcessEnd): string {
  const how = end.signal ? `ended by ${end.signal}` : `exit ${end.exitCode ?? 'unknown'}`;
  const said = plainTail(end.tail, 1000);
  return said ? `${how}: ${said}` : how;
}

/** The end of a text without colours, control characters and blank ends, fit for an error message. */
export function plainTail(text: string, length = longestMessage): string {
  const plain = stripVTControlCharacters(text)
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .trim();
  return plain.length <= length ? plain : `…${plain.slice(1 - length).toWellFormed()}`;
}

/** The beginning of a text, likewise. */
export function plainHead(text: string, length = longestMessage): string {
  const plain = stripVTControlCharacters(text)
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .trim();
  return plain.length <= length ? plain : `${plain.slice(0, length - 1).toWellFormed()}…`;
}
