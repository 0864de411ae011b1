import { expect, test } from 'vitest';
import { labelFingerprint } from './label-fingerprint.ts';

test('a label set has the fingerprint that Alertmanager gives it, in whatever order it stands', () => {
  expect(labelFingerprint({})).toBe('cbf29ce484222325');
  const labels = { alertname: 'AgentRepeatedFailures', project: 'shöp', task_type: 'test' };
  // As Alertmanager 0.25 answered it.
  expect(labelFingerprint(labels)).toBe('011e2609e7d1f66d');
  expect(labelFingerprint(Object.fromEntries(Object.entries(labels).reverse()))).toBe(
    labelFingerprint(labels),
  );
});
