import {
  type Attributes,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanOptions,
  trace,
} from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { agentTask, claimed } from '../../test/executors/service-stand-in.ts';
import type { FinishRequest } from '../domain/attempt.ts';
import { createAttemptTracer } from './tracing.ts';

type Outcome = FinishRequest['outcome'];

/** The span of an attempt as an exporter would be handed it. */
function spanOf(outcome: Partial<Outcome>) {
  const seen = { name: '', attributes: {} as Attributes, ended: false };
  const span: Span = Object.assign(trace.wrapSpanContext(INVALID_SPAN_CONTEXT), {
    setAttributes(more: Attributes) {
      Object.assign(seen.attributes, more);
      return span;
    },
    end() {
      seen.ended = true;
    },
  });
  const tracer = Object.assign(trace.getTracer('test'), {
    startSpan(name: string, { attributes }: SpanOptions = {}) {
      Object.assign(seen, { name, attributes: { ...attributes } });
      return span;
    },
  });
  const task = agentTask({ executor: 'codex', model: 'gpt-5-codex' });
  createAttemptTracer(tracer)
    .start(claimed(task))
    .end({
      status: 'completed',
      duration_seconds: 1,
      billing: 'unknown',
      duration_observed: true,
      ...outcome,
    });
  return seen;
}

it('has the names of the GenAI conventions, and cached tokens in the input', () => {
  const usage_by_model = [
    { model: 'a', input_uncached: 17653, cache_read: 3456, cache_write: 10, output: 11 },
    { model: 'b', input_uncached: 1, cache_read: 2, cache_write: 3, output: 4 },
  ];
  const span = spanOf({ status: 'failed', error_class: 'timeout', usage_by_model, cost_usd: 0.5 });
  expect(span).toMatchObject({ name: 'invoke_agent codex', ended: true });
  expect(span.attributes).toMatchObject({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-5-codex',
    'gen_ai.usage.input_tokens': 17653 + 3456 + 10 + 1 + 2 + 3,
    'gen_ai.usage.output_tokens': 15,
    'gen_ai.usage.cache_read.input_tokens': 3458,
    'gen_ai.usage.cache_creation.input_tokens': 13,
    'error.type': 'timeout',
    'andon.cost_usd': 0.5,
  });
});

it('says nothing of usage and cost that nobody knows', () => {
  const { attributes } = spanOf({ usage_state: 'none', cost_source: 'unpriced' });
  expect(Object.keys(attributes).filter((name) => name.startsWith('gen_ai.usage'))).toEqual([]);
  expect(attributes['andon.cost_usd']).toBeUndefined();
});
