import type { Clock } from '../domain/clock.ts';
import type { TaskMetric } from '../domain/outcome.ts';
import { agentReader } from './agent-reader.ts';
import type { OutputReader } from './executor.ts';
import { classByText } from './failure.ts';
import { describeEnd } from './process-end.ts';

/** How far from its end a text is taken for the CLI's own words and not the agent's. */
const lastWords = 600;

/** For a CLI that was asked for plain text: its exit status says what came of it, and nothing says what it used. */
export function plainReader(settings: {
  billing: TaskMetric['billing'];
  clock?: Clock | undefined;
}): OutputReader {
  return agentReader(
    {
      skips: () => true,
      take() {},
      progress: () => ({ final: false }),
      conclude(end) {
        if (end.exitCode === 0) return {};
        return {
          failure: {
            error_class: classByText(end.tail.slice(-lastWords)) ?? 'nonzero_exit',
            error_message: describeEnd(end),
          },
        };
      },
    },
    settings,
  );
}
