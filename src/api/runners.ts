import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { labelValue } from '../domain/labels.ts';
import type { RunnerStore } from '../domain/runner-store.ts';
import { type Route, route } from './route.ts';

export interface RunnerRoutesOptions {
  runners: RunnerStore;
  clock: Clock;
  /** Silence after which a runner is no longer a target. */
  staleAfterSeconds: number;
}

const targets = z
  .array(z.object({ targets: z.array(z.string()), labels: z.record(z.string(), z.string()) }))
  .meta({ id: 'PrometheusTargets' });

/** Which runners there are: for Prometheus, and for a runner that goes. */
export function runnerRoutes({ runners, clock, staleAfterSeconds }: RunnerRoutesOptions): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/agent/runners/targets',
      summary: 'Prometheus’s HTTP service discovery: the runners’ metrics',
      scope: 'read',
      answers: { 200: { description: 'Targets', schema: targets } },
      async handle() {
        const seen = await runners.list(clock() - staleAfterSeconds * 1000);
        return {
          body: seen.flatMap(({ runner, metrics_url }) => {
            if (!metrics_url) return [];
            const { host, pathname, protocol } = new URL(metrics_url);
            const labels = { runner, __scheme__: protocol.slice(0, -1), __metrics_path__: pathname };
            return [{ targets: [host], labels }];
          }),
        };
      },
    }),
    route({
      method: 'post',
      path: '/api/agent/runners/{runner}/leave',
      summary: 'The runner goes: its series are taken away',
      scope: 'report',
      params: z.object({ runner: labelValue }),
      body: z.strictObject({}),
      answers: { 200: { description: 'Gone', schema: z.object({ left: z.literal(true) }) } },
      async handle({ params }) {
        await runners.leave(params.runner);
        return { body: { left: true } };
      },
    }),
  ];
}
