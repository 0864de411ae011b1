import { expect, test } from 'vitest';
import { foldModelName, namesNoModel } from './model-name.ts';

test.each([
  ['claude-opus-5', 'claude-opus-5'],
  ['claude-opus-5[1m]', 'claude-opus-5'],
  ['claude-opus-4-5-20251101', 'claude-opus-4-5'],
  ['claude-opus-4-5-20251101[1m]', 'claude-opus-4-5'],
  ['claude-sonnet-4@20250514', 'claude-sonnet-4'],
  ['us.anthropic.claude-opus-4-20250514-v1:0', 'us.anthropic.claude-opus-4-v1:0'],
  ['gpt-4o-2024-08-06', 'gpt-4o'],
  ['openai/gpt-4o-2024-08-06:extended', 'openai/gpt-4o:extended'],
  ['grok-4-0709', 'grok-4-0709'],
  ['cursor/auto', 'cursor/auto'],
  ['Claude 4.5 Sonnet', 'Claude 4.5 Sonnet'],
  ['default', 'default'],
  ['[1m]', '[1m]'],
  ['-20260105', '-20260105'],
])('%s is %s as a label', (name, label) => {
  expect(foldModelName(name)).toBe(label);
  expect(foldModelName(label)).toBe(label);
});

test('what stands where nobody knows the model is no model', () => {
  expect(['default', 'Auto', 'auto', 'unknown', 'none', 'other'].every(namesNoModel)).toBe(true);
  expect(['cursor/auto', 'gpt-5', 'o3'].some(namesNoModel)).toBe(false);
});
