import { expect, it } from 'vitest';
import { LineReader } from './line-reader.ts';

function linesOf(chunks: string[], limit?: number): string[] {
  const lines: string[] = [];
  const reader = new LineReader((line) => lines.push(line.toString()), limit);
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  reader.end();
  return lines;
}

it('joins what was cut, and takes the last line without its newline', () => {
  expect(linesOf(['a', 'b\nc', '\n\nd'])).toEqual(['ab', 'c', 'd']);
});

it('passes over a line that is too long, and goes on after it', () => {
  expect(linesOf(['ok\n', 'xxxx', 'xxxx', 'x\nafter', '\nyyyyyyyyy'], 8)).toEqual(['ok', 'after']);
});
