import { join } from 'node:path';
import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import { shell } from '../../src/executors/shell.ts';
import { createRunner } from '../../src/runner/runner.ts';
import { createServiceClient } from '../../src/runner/service-client.ts';
import { createAttemptTracer } from '../../src/telemetry/tracing.ts';

/** A runner alone in a process, to be killed: `node runner-program.ts <service url> <data folder> <id>`. */
const [url = '', dataDir = '', id = 'r1'] = process.argv.slice(2);
const nothing = () => {};

const runner = createRunner({
  id,
  client: createServiceClient({ url, timeoutSeconds: 2 }),
  executors: [shell],
  workers: 4,
  pollSeconds: 0.02,
  graceSeconds: 0.3,
  dataDir,
  logsDir: join(dataDir, 'logs'),
  env: { PATH: process.env.PATH, HOME: dataDir },
  telemetry: {
    metrics: {
      exported: true,
      attemptStarted: nothing,
      attemptEnded: nothing,
      progress: nothing,
      claimed: nothing,
      spoolDepth: nothing,
      spoolFailed: nothing,
      held: nothing,
      observe: nothing,
    },
    tracer: createAttemptTracer(trace.getTracer('test')),
    metricsUrl: 'http://127.0.0.1:9/metrics',
  },
  logger: pino({ level: 'info' }),
});
process.on('SIGTERM', () => void runner.stop({ graceSeconds: 0 }));
runner.start();
await runner.done;
