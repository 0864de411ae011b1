import { createServer, type Server } from 'node:http';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { context, logs, type Meter, metrics, propagation, type Tracer, trace } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { createRunnerMetrics, type RunnerMetrics } from './runner-metrics.ts';
import { type AttemptTracer, createAttemptTracer } from './tracing.ts';

export interface TelemetryOptions {
  /** The address that the runner's `/metrics` listens on. */
  metricsHost: string;
  /** Under which name Prometheus reaches that address; the address itself, unless said. */
  metricsName?: string;
  /** The port wanted; the next free one is taken if it is in use. 0 takes any. */
  metricsPort: number;
  /** Whether spans go out, as the standard `OTEL_…` variables say: OTLP unless they name another exporter. */
  exportTraces: boolean;
  serviceVersion: string;
  /** The runner's name, or what it is with this port; becomes `service.instance.id`. */
  runner: string | ((port: number) => string);
  /** The executors whose running tasks are counted from 0. */
  executors?: string[];
}

/** What a runner tells of itself. */
export interface RunnerTelemetry {
  /** The runner's name. */
  readonly runner: string;
  readonly metrics: RunnerMetrics;
  readonly tracer: AttemptTracer;
  /** Where Prometheus finds the metrics, with the port that was taken. */
  readonly metricsUrl: string;
  /** Sends what is left and closes the port, within two seconds. */
  shutdown(): Promise<void>;
}

const shutdownMs = 2000;
const portsTried = 100;
const scope = 'andon-runner';

/**
 * Starts OpenTelemetry for one runner.
 * @throws the listening error if no port can be had
 */
export async function startTelemetry(options: TelemetryOptions): Promise<RunnerTelemetry> {
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
  const server = await listen(exporter, options.metricsHost, options.metricsPort);
  const metricsUrl = urlOf(server, options);
  const runner =
    typeof options.runner === 'string' ? options.runner : options.runner(Number(new URL(metricsUrl).port));
  const { meter, tracer, sdk } = startSdk(exporter, { ...options, runner });
  let ended: Promise<void> | undefined;
  return {
    runner,
    metrics: createRunnerMetrics(meter, {
      executors: options.executors ?? [],
      exported: await isExporting(exporter),
    }),
    tracer: createAttemptTracer(tracer),
    metricsUrl,
    shutdown() {
      ended ??= shutDown(sdk, server);
      return ended;
    },
  };
}

/**
 * `NodeSDK` can only register its providers globally, and one process may hold several runners (the tests do).
 * So they are taken from the globals at once, all in one turn, and the globals are given back.
 */
function startSdk(
  exporter: PrometheusExporter,
  options: TelemetryOptions & { runner: string },
): { meter: Meter; tracer: Tracer; sdk: NodeSDK } {
  const sdk = new NodeSDK({
    // One detector of our own: the standard ones tell the command line, its owner and the host.
    resourceDetectors: [resourceOf(options)],
    metricReaders: [exporter],
    logRecordProcessors: [],
    // Without a processor there would be no spans, and no TRACEPARENT for the children.
    ...(!options.exportTraces && { spanProcessors: [silent] }),
    instrumentations: [],
    textMapPropagator: null,
  });
  try {
    sdk.start();
    return {
      meter: metrics.getMeter(scope),
      tracer: trace.getTracerProvider().getTracer(scope),
      sdk,
    };
  } finally {
    for (const api of [metrics, trace, logs, context, propagation]) api.disable();
  }
}

type SpanProcessor = NonNullable<NodeSDKConfiguration['spanProcessors']>[number];

const silent: SpanProcessor = {
  onStart() {},
  onEnd() {},
  forceFlush: async () => {},
  shutdown: async () => {},
};

function resourceOf(options: {
  serviceVersion: string;
  runner: string;
}): NodeSDKConfiguration['resourceDetectors'][number] {
  return {
    detect: () => ({
      attributes: {
        'service.name': scope,
        'service.version': options.serviceVersion,
        'service.instance.id': options.runner,
      },
    }),
  };
}

/** False if the SDK was switched off (`OTEL_SDK_DISABLED`): then nothing that is observed is ever seen. */
async function isExporting(exporter: PrometheusExporter): Promise<boolean> {
  try {
    await exporter.collect();
    return true;
  } catch {
    return false;
  }
}

/** The exporter's own server takes port 0 for 9464 and cannot move on from a port that is taken. */
async function listen(exporter: PrometheusExporter, host: string, port: number): Promise<Server> {
  for (let tried = 0; ; tried += 1) {
    const server = createServer((request, response) => {
      if (request.url?.split('?')[0] === '/metrics') {
        exporter.getMetricsRequestHandler(request, response);
      } else {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('see /metrics\n');
      }
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port: port === 0 ? 0 : port + tried }, resolve);
      });
      return server;
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || tried >= portsTried || port + tried >= 65_535) throw error;
    }
  }
}

function urlOf(server: Server, { metricsHost: host, metricsName }: TelemetryOptions): string {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  // An address that means "all of them" is none that Prometheus could reach.
  const name = metricsName ?? (host === '0.0.0.0' || host === '::' ? hostname() : host);
  return `http://${isIPv6(name) ? `[${name}]` : name}:${port}/metrics`;
}

async function shutDown(sdk: NodeSDK, server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  // A trace target that does not answer would hold this up for its own time limit.
  await Promise.race([sdk.shutdown().catch(() => {}), sleep(shutdownMs, undefined, { ref: false })]);
}
