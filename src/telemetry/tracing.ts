import {
  type Attributes,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import type { ClaimedTask, FinishRequest } from '../domain/attempt.ts';
import { spans } from './names.ts';

type Outcome = FinishRequest['outcome'];

/** The span of one attempt. */
export interface AttemptSpan {
  /** The W3C header that hangs the child's own telemetry under this span; absent without tracing. */
  readonly traceparent?: string;
  end(outcome: Outcome): void;
}

export interface AttemptTracer {
  start(claimed: ClaimedTask): AttemptSpan;
}

const names = spans.attributes;
/** Where an executor's models come from, if from one place. */
const providers: Record<string, string> = {
  'claude-code': 'anthropic',
  codex: 'openai',
  gemini: 'gcp.gemini',
};

/** Makes a span for each attempt, after the GenAI conventions: `invoke_agent <executor>`. */
export function createAttemptTracer(tracer: Tracer): AttemptTracer {
  return {
    start(claimed) {
      const span = tracer.startSpan(
        `${spans.invokeAgent} ${claimed.task.executor}`,
        { kind: SpanKind.CLIENT, attributes: describeTask(claimed) },
        ROOT_CONTEXT,
      );
      return {
        traceparent: traceparentOf(span.spanContext()),
        end(outcome) {
          span.setAttributes(describeOutcome(outcome));
          if (outcome.status === 'failed') {
            span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.error_class });
          }
          span.end();
        },
      };
    },
  };
}

function describeTask({ task, attempt, labels }: ClaimedTask): Attributes {
  return {
    [names.operation]: spans.invokeAgent,
    [names.provider]: providers[task.executor],
    [names.requestModel]: task.model,
    [names.taskId]: task.id,
    [names.attempt]: attempt,
    [names.taskType]: task.task_type,
    [names.project]: task.project,
    [names.executor]: task.executor,
    [names.variant]: labels.variant,
  };
}

function describeOutcome(outcome: Outcome): Attributes {
  const used = outcome.usage_by_model ?? (outcome.usage ? [outcome.usage] : []);
  const sum = (pick: (usage: (typeof used)[number]) => number) =>
    used.reduce((total, usage) => total + pick(usage), 0);
  return {
    ...(used.length > 0 && {
      // The convention counts cached input in.
      [names.inputTokens]: sum((usage) => usage.input_uncached + usage.cache_read + usage.cache_write),
      [names.outputTokens]: sum((usage) => usage.output),
      [names.cacheReadTokens]: sum((usage) => usage.cache_read),
      [names.cacheWriteTokens]: sum((usage) => usage.cache_write),
    }),
    [names.costUsd]: outcome.cost_usd,
    [names.errorType]: outcome.error_class,
  };
}

function traceparentOf(context: SpanContext): string | undefined {
  if (!isSpanContextValid(context)) return undefined;
  return `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, '0')}`;
}
