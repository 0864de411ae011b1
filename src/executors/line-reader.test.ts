import { expect, it } from 'vitest';
import { LineReader } from './line-reader.ts';

function linesOf(chunks: string[], options?: { limit?: number; empty?: boolean }): string[] {
  const lines: string[] = [];
  const reader = new LineReader((line) => lines.push(line.toString()), options);
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  reader.end();
  return lines;
}

it('joins what was cut, and takes the last line without its newline', () => {
  expect(linesOf(['a', 'b\nc', '\n\nd'])).toEqual(['ab', 'c', 'd']);
});

it('passes over a line that is too long, and goes on after it', () => {
  expect(linesOf(['ok\n', 'xxxx', 'xxxx', 'x\nafter', '\nyyyyyyyyy'], { limit: 8 })).toEqual(['ok', 'after']);
});

it('takes the empty ones too, where they say something', () => {
  expect(linesOf(['a\n\n', '\nb\n'], { empty: true })).toEqual(['a', '', '', 'b', '']);
});
