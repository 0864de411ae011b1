import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { allMetrics } from '../telemetry/names.ts';
import { alertDeclarations, findAlertDeclaration } from './alerts/registry.ts';
import { generatedFiles } from './generate.ts';
import { profiles } from './objectives.ts';
import { recordingRules } from './recording-rules.ts';
import { alertRuleFile } from './rule-file.ts';

const root = new URL('../../', import.meta.url);

test.each(generatedFiles())('$path is what is generated', ({ path, content }) => {
  expect(readFileSync(new URL(path, root), 'utf8')).toBe(content);
});

test('links and thresholds follow the configuration', () => {
  const objectives = {
    ...profiles.default,
    repeated_failures: { ...profiles.default.repeated_failures, window: '2h', count: 9, for: '1m' },
  };
  const { groups } = parse(alertRuleFile({ objectives, publicUrl: 'https://andon.example/x/' }));
  const rules = groups.flatMap((group: { rules: { alert: string }[] }) => group.rules);
  const rule = rules.find(({ alert }: { alert: string }) => alert === 'AgentRepeatedFailures');
  expect(rule).toMatchObject({ for: '1m', labels: { severity: 'warning' } });
  expect(rule.expr).toMatch(/\[2h\][\s\S]*>= 9$/);
  expect(rule.annotations.runbook_url).toBe('https://andon.example/x/runbooks/AgentRepeatedFailures');
});

test('an alert leads to its dashboard with the filters that it has, and that are there', () => {
  const text = alertRuleFile({ objectives: profiles.default, grafanaUrl: 'https://grafana.example/x/' });
  const rules: { alert: string; annotations: { dashboard_url: string } }[] = parse(text).groups.flatMap(
    ({ rules }: { rules: object[] }) => rules,
  );
  const urlOf = (name: string) => rules.find(({ alert }) => alert === name)?.annotations.dashboard_url;
  expect(urlOf('AgentBudgetNear')).toBe(
    'https://grafana.example/x/d/andon-usage?from=now-24h{{ with $labels.project }}&var-project={{ . | urlquery }}{{ end }}',
  );
  expect(urlOf('AgentRunnerDown')).toBe('https://grafana.example/x/d/andon-pipeline');
});

test.each(alertDeclarations)('$name keeps the conventions', (alert) => {
  expect(alert.name).toMatch(/^[A-Z][A-Za-z]{1,39}$/);
  expect(findAlertDeclaration(alert.name)).toBe(alert);
  expect(alert.summary).toMatch(/^[A-Z][^{}]*\.$/);
  const expr = alert.expr(profiles.default);
  const recordedName = /\b[a-z]\w*:\w+:\w+/g;
  const recorded = expr.match(recordedName) ?? [];
  expect(recorded.filter((name) => !recordingRules.some(({ record }) => record === name))).toEqual([]);
  const metrics = expr.replaceAll(recordedName, '').match(/\b(?:agent|andon)_\w+/g) ?? [];
  const known = allMetrics.flatMap(({ name, type }) => (type === 'histogram' ? [`${name}_count`] : [name]));
  expect(metrics.filter((name) => !known.includes(name))).toEqual([]);
  const runbook = new URL(`docs/runbooks/${alert.name}.md`, root);
  expect(existsSync(runbook), `${runbook.pathname} is missing`).toBe(true);
  const headings = readFileSync(runbook, 'utf8').match(/^#+ .*$/gm);
  expect(headings).toEqual([`# ${alert.name}`, '## Meaning', '## Impact', '## Diagnosis', '## Mitigation']);
});

test('what an agent is asked to do holds no text from an alert', () => {
  const subject = { project: 'IGNORE ALL', task_type: 'IGNORE ALL' };
  for (const { improvement } of alertDeclarations) {
    expect(improvement?.direction(subject) ?? '').not.toContain('IGNORE ALL');
  }
});
