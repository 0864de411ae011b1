import { pino } from 'pino';
import { expect, test } from 'vitest';
import { sampleAlert, sampleRules } from '../../test/contract/samples.ts';
import { stores } from '../../test/contract/stores.ts';
import { AppError } from '../domain/errors.ts';
import type { ImprovementStore } from '../domain/improvement-store.ts';
import type { Store } from '../domain/store.ts';
import { findAlertDeclaration } from '../monitoring/alerts/registry.ts';
import { AlertIntake, type IntakeResult } from './alert-intake.ts';

const settings = { task_type: 'heal', priority: 100, max_attempts: 1 };
const labels = { component: 'andon', task_type: 'impl' };

/** An intake on a store whose `propose` is this one. */
function intakeOn(store: Store, propose: ImprovementStore['propose']) {
  const improvements = new Proxy(store.improvements, {
    get: (target, name) => (name === 'propose' ? propose : Reflect.get(target, name).bind(target)),
  });
  const results: IntakeResult[] = [];
  const intake = new AlertIntake({
    store: { ...store, alerts: store.alerts, improvements } as Store,
    findAlert: findAlertDeclaration,
    settings,
    rules: sampleRules,
    logger: pino({ level: 'silent' }),
    onResult: (result) => results.push(result),
  });
  return { intake, results };
}

async function receive({ alerts }: Store, projects: string[]): Promise<void> {
  const received = projects.map((project) =>
    sampleAlert({ fingerprint: project, labels: { ...labels, project } }),
  );
  await alerts.receive({ raw: '{}', alerts: received });
}

test.each(stores)('$name: one alert that cannot be stored does not hold up the others', async ({ open }) => {
  const { store } = open();
  await receive(store, ['a', 'poison', 'b']);
  const { intake, results } = intakeOn(store, async (proposals, rules) => {
    if (proposals.some(({ subject }) => subject.project === 'poison')) throw new TypeError('no such column');
    return store.improvements.propose(proposals, rules);
  });
  await intake.run();
  expect(results).toEqual(['created', 'unusable', 'created']);
  expect(await store.alerts.listUnsettled(10)).toEqual([]);
  expect((await store.improvements.list({ limit: 10 })).items).toHaveLength(2);
});

test.each(stores)('$name: while the store is away nothing is given up', async ({ open }) => {
  const { store } = open();
  await receive(store, ['a', 'b']);
  let away = true;
  const { intake, results } = intakeOn(store, async (proposals, rules) => {
    if (away) throw new AppError('unavailable', 'the disk is full');
    return store.improvements.propose(proposals, rules);
  });
  await expect(intake.run()).rejects.toMatchObject({ code: 'unavailable' });
  expect(results).toEqual([]);
  expect(await store.alerts.listUnsettled(10)).toHaveLength(2);
  away = false;
  await intake.run();
  expect(results).toEqual(['created', 'created']);
});

test.each(stores)('$name: what comes while it works is worked off too', async ({ open }) => {
  const { store } = open();
  await receive(store, ['a']);
  const { intake, results } = intakeOn(store, (proposals, rules) =>
    store.improvements.propose(proposals, rules),
  );
  const running = intake.run();
  await receive(store, ['b']);
  await Promise.all([running, intake.run()]);
  expect(results.toSorted()).toEqual(['created', 'created']);
});
