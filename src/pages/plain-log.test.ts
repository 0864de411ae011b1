import { expect, test } from 'vitest';
import { plainLog } from './plain-log.ts';

test('colours, links and cursor movements are taken out, and lines that were written over are their last state', () => {
  const printed =
    '\u001b[1;31mFAIL\u001b[0m \u001b]8;;https://x.example\u0007cart\u001b]8;;\u0007\r\n 10 %\r 50 %\r100 %\nend\u0000\u0008';
  expect(plainLog(printed)).toBe('FAIL cart\n100 %\nend');
});

test('text without them stays as it is', () => {
  const text = '<b>a</b>\n\ttab, ümlaut, 漢字 ✓\n[31m no escape\n';
  expect(plainLog(text)).toBe(text);
});
