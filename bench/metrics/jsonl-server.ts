import { createReadStream } from 'node:fs';
import express from 'express';

/**
 * The peer: what the contract's first implementation did, as one would write it. Each request reads a file with a
 * line of JSON for each outcome, and adds up what is in the window.
 */
interface Line {
  project: string;
  task_type: string;
  model: string;
  status: string;
  final: boolean;
  error_class?: string;
  duration_seconds: number;
  created_at: string;
}

interface Query {
  from: number;
  to: number;
  project?: string;
}

const excluded = new Set(['rate_limited', 'overloaded', 'auth', 'spawn', 'no_first_byte']);

async function summarize(file: string, query: Query) {
  const found: Line[] = [];
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      const line: Line = JSON.parse(text);
      const at = Date.parse(line.created_at);
      if (at < query.from || at >= query.to || (query.project && line.project !== query.project)) continue;
      if (line.final && !excluded.has(line.error_class ?? '')) found.push(line);
    }
  }
  return {
    success_rate: figuresOf(found),
    by_task_type: figuresBy(found, ({ task_type }) => task_type),
    by_model: figuresBy(found, ({ model }) => model),
  };
}

function figuresBy(lines: Line[], keyOf: (line: Line) => string) {
  return Object.fromEntries([...Map.groupBy(lines, keyOf)].map(([key, some]) => [key, figuresOf(some)]));
}

function figuresOf(lines: Line[]) {
  const durations = lines.map(({ duration_seconds }) => duration_seconds).sort((a, b) => a - b);
  const at = (q: number) => durations[Math.floor(q * (durations.length - 1))] ?? 0;
  const completed = lines.filter(({ status }) => status === 'completed').length;
  return { total: lines.length, completed, p50_seconds: at(0.5), p95_seconds: at(0.95) };
}

const file = process.argv[2] ?? '';
const app = express();
app.get('/api/agent/metrics', async ({ query: { from, to, project } }, response) => {
  const window = { from: Date.parse(String(from)), to: Date.parse(String(to)) };
  response.json(
    await summarize(file, { ...window, project: project === undefined ? undefined : String(project) }),
  );
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
