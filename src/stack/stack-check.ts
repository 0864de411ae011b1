import { parse } from 'yaml';
import { messageOf } from '../domain/errors.ts';
import { heartbeatAlert } from '../monitoring/alertmanager-config.ts';
import { durationSeconds, type Objectives } from '../monitoring/objectives.ts';
import { receivers } from '../monitoring/people-receivers.ts';
import { ruleFiles } from '../monitoring/rule-file.ts';
import { alertmanagerStatus, receiversOf } from './alertmanager-client.ts';
import * as prometheus from './prometheus-client.ts';

/** One thing that was looked at. */
export interface CheckResult {
  ok: boolean;
  what: string;
  /** What to do about it, unless it is in order. */
  advice?: string;
}

export interface CheckOptions {
  objectives: Objectives;
  /** Where Prometheus is, and Alertmanager. */
  prometheusUrl: string;
  alertmanagerUrl: string;
  /** The jobs that the service and the runners are scraped under. */
  jobs: { service: string; runner: string };
}

const generate = 'andon generate --out writes it';

/** Whether a running Prometheus has the rules of these objectives, and reaches the service, runners and Alertmanager. */
export async function checkPrometheus({
  prometheusUrl: url,
  objectives,
  jobs,
}: CheckOptions): Promise<CheckResult[]> {
  return answering('Prometheus', async () => [
    good(`Prometheus ${await prometheus.version(url)} answers at ${url}`),
    ...(await checkRules(url, objectives)),
    ...(await checkTargets(url, objectives, jobs)),
    await checkSending(url),
  ]);
}

/** Whether a running Alertmanager sends Andon's alerts to the webhook. */
export async function checkAlertmanager({ alertmanagerUrl: url }: CheckOptions): Promise<CheckResult[]> {
  return answering('Alertmanager', async () => {
    const { version, configuration } = await alertmanagerStatus(url);
    const known = configuration.receivers.some(({ name }) => name === receivers.andon);
    const told = await receiversOf(url, heartbeatAlert);
    return [
      good(`Alertmanager ${version} answers at ${url}`),
      known
        ? good(`It has the receiver ${receivers.andon}`)
        : bad(
            `It has no receiver ${receivers.andon}`,
            `merge alertmanager/andon.yml into its configuration; ${generate}`,
          ),
      told.includes(receivers.andon)
        ? good(`${heartbeatAlert} has come to it, and goes to ${receivers.andon}`)
        : bad(
            told.length === 0
              ? `${heartbeatAlert} has not come to it`
              : `${heartbeatAlert} goes to ${told.join(', ')} and not to ${receivers.andon}`,
            told.length === 0
              ? 'Prometheus sends it within two minutes of its start if it has the rules and knows this Alertmanager'
              : `put the routes of alertmanager/andon.yml before the others; ${generate}`,
          ),
    ];
  });
}

async function answering(name: string, check: () => Promise<CheckResult[]>): Promise<CheckResult[]> {
  try {
    return await check();
  } catch (error) {
    return [bad(messageOf(error), `is ${name} running there? --${name.toLowerCase()} names another address`)];
  }
}

interface WantedRule {
  alert?: string;
  record?: string;
  expr: string;
  for?: string;
}

async function checkRules(url: string, objectives: Objectives): Promise<CheckResult[]> {
  const wanted = ruleFiles({ objectives }).flatMap(({ content }): WantedRule[] =>
    parse(content).groups.flatMap(({ rules }: { rules: WantedRule[] }) => rules),
  );
  const loaded = await prometheus.rules(url);
  const states = await Promise.all(wanted.map((rule) => stateOf(url, rule, loaded)));
  const results = (['missing', 'different', 'failing'] as const).flatMap((state) => {
    const names = wanted.filter((_, index) => states[index] === state).map(nameOf);
    if (names.length === 0) return [];
    const some =
      names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
    return [bad(`${names.length} of ${wanted.length} rules are ${state}: ${some}`, ruleAdvice[state])];
  });
  return results.length > 0
    ? results
    : [good(`All ${wanted.length} rules are loaded, with these thresholds`)];
}

const ruleAdvice = {
  missing: 'load the rule files of andon generate --out, and reload Prometheus',
  different: 'they are of other thresholds or of another version: write them again, and reload Prometheus',
  failing: 'Prometheus says why under Status, Rules',
};

async function stateOf(url: string, wanted: WantedRule, loaded: prometheus.LoadedRule[]) {
  const same = loaded.filter(({ name }) => name === nameOf(wanted));
  if (same.length === 0) return 'missing';
  const expr = await prometheus.formatted(url, wanted.expr);
  for (const rule of same) {
    const wantedFor = wanted.for === undefined ? 0 : durationSeconds(wanted.for);
    if (rule.duration === wantedFor && (await prometheus.formatted(url, rule.query)) === expr) {
      return rule.health === 'err' ? 'failing' : 'right';
    }
  }
  return 'different';
}

function nameOf({ alert, record }: WantedRule): string {
  return alert ?? record ?? '';
}

async function checkTargets(
  url: string,
  objectives: Objectives,
  jobs: CheckOptions['jobs'],
): Promise<CheckResult[]> {
  const targets = await prometheus.targets(url);
  const of = (job: string) => targets.filter(({ labels }) => labels.job === job);
  const service = of(jobs.service);
  const down = [...service, ...of(jobs.runner)].filter(({ health }) => health === 'down');
  const slow = service.filter(
    ({ scrapeInterval }) =>
      scrapeInterval !== undefined &&
      durationSeconds(scrapeInterval) > durationSeconds(objectives.scrape_interval),
  );
  return [
    service.length > 0
      ? good(
          `It scrapes the service: job ${jobs.service}, ${service.length} ${service.length === 1 ? 'target' : 'targets'}`,
        )
      : bad(
          `It has no target of the job ${jobs.service}`,
          `add the jobs of prometheus/andon.scrape.yml; ${generate}`,
        ),
    ...down.map(({ scrapeUrl, lastError }) =>
      bad(`${scrapeUrl} is down: ${lastError}`, 'can Prometheus reach it?'),
    ),
    ...slow.map(({ scrapeInterval }) =>
      bad(
        `It scrapes the service every ${scrapeInterval}, and new counters are held at 0 for 2.5 times ${objectives.scrape_interval}`,
        `set monitoring.objectives.scrape_interval to ${scrapeInterval}, or the first counts are lost to Prometheus`,
      ),
    ),
  ];
}

async function checkSending(url: string): Promise<CheckResult> {
  const known = await prometheus.alertmanagers(url);
  return known.length > 0
    ? good(`It sends alerts to ${known.map((address) => new URL(address).host).join(', ')}`)
    : bad('It sends alerts to no Alertmanager', 'add it under alerting in prometheus.yml');
}

export function good(what: string): CheckResult {
  return { ok: true, what };
}

export function bad(what: string, advice: string): CheckResult {
  return { ok: false, what, advice };
}
