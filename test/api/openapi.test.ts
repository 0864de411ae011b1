import { expect, test } from 'vitest';
import { z } from 'zod';
import { type ServiceUnderTest, serviceUnderTest } from '../service-under-test.ts';

interface Schemas {
  [name: string]: { required?: string[] };
}
interface Media {
  schema: object;
}
interface Operation {
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Schemas };
}

async function documentOf({ get }: ServiceUnderTest): Promise<Document> {
  return (await get('/openapi.json')).body as Document;
}

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === '$ref' && typeof member === 'string' ? [member] : refsIn(member),
  );
}

/** The place that a JSON pointer of this document names. */
function resolve(document: unknown, ref: string): unknown {
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (at, part) => (typeof at === 'object' && at ? Reflect.get(at, part) : undefined),
      document,
    );
}

/** What a documented schema says of a value; patterns apart, which zod reads without the `u` that they need. */
function validator({ components }: Document, schema: object): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: components.schemas }, (key, value: unknown) =>
    key === 'pattern' && typeof value === 'string' ? undefined : value,
  );
  return z.fromJSONSchema(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')));
}

test('every reference leads to a schema of the document', async () => {
  const document = await documentOf(await serviceUnderTest());
  const refs = refsIn(document);
  expect(refs.length).toBeGreaterThan(20);
  expect(refs.filter((ref) => resolve(document, ref) === undefined)).toEqual([]);
  expect(refs.filter((ref) => !ref.startsWith('#/components/schemas/'))).toEqual([]);
  expect(JSON.stringify(document)).not.toContain('$defs');
});

test('what a caller may leave out is always answered: the two have schemas of their own', async () => {
  const { paths, components } = await documentOf(await serviceUnderTest());
  expect(paths['/api/agent/tasks']?.post?.requestBody?.content['application/json']?.schema).toEqual({
    $ref: '#/components/schemas/TaskRequest',
  });
  expect(components.schemas.TaskRequest?.required).not.toContain('project');
  expect(components.schemas.TaskRequestOutput?.required).toContain('project');
  expect(JSON.stringify(components.schemas.Improvement)).toContain('#/components/schemas/TaskRequestOutput');
  expect(
    Object.keys(components.schemas)
      .filter((name) => name.endsWith('Output'))
      .sort(),
  ).toEqual(['TaskRequestOutput', 'WorkChangesOutput']);
});

test('an outcome report is documented as what it is', async () => {
  const { paths, components } = await documentOf(await serviceUnderTest());
  const body = paths['/api/agent/metrics']?.post?.requestBody?.content['application/json']?.schema;
  expect(refsIn(body)).toEqual(['#/components/schemas/OutcomeReport', '#/components/schemas/OutcomeReport']);
  expect(components.schemas.OutcomeReport?.required).toEqual([
    'task_id',
    'task_type',
    'duration_seconds',
    'status',
  ]);
});

test('real answers are as documented', async () => {
  const service = await serviceUnderTest();
  const { get, send } = service;
  const document = await documentOf(service);
  await send('POST', '/api/agent/tasks', { id: 't1', direction: 'x', task_type: 'impl' });
  await send('POST', '/api/agent/tasks', { id: 't2', direction: 'x', task_type: 'impl' });
  const request = { runner: 'r1', executors: ['claude-code'], free_workers: 1 };
  const claimed = await send('POST', '/api/agent/tasks/claim', request);
  const outcome = { task_id: 'a', task_type: 'impl', duration_seconds: 1, status: 'completed' };
  const ingested = await send('POST', '/api/agent/metrics', outcome);
  const answers: [path: string, method: string, body: unknown][] = [
    ['/api/agent/tasks/claim', 'post', claimed.body],
    ['/api/agent/metrics', 'post', ingested.body],
    ['/api/agent/metrics', 'get', (await get('/api/agent/metrics')).body],
    ['/api/agent/pipeline-status', 'get', (await get('/api/agent/pipeline-status')).body],
    ['/api/agent/tasks', 'get', (await get('/api/agent/tasks')).body],
    ['/api/agent/tasks/{id}', 'get', (await get('/api/agent/tasks/t1')).body],
    ['/api/agent/alerts', 'get', (await get('/api/agent/alerts')).body],
  ];
  for (const [path, method, body] of answers) {
    const schema = document.paths[path]?.[method]?.responses['200']?.content?.['application/json']?.schema;
    if (!schema) throw new Error(`${method} ${path} is not documented`);
    const { error } = validator(document, schema).safeParse(body);
    expect(error && z.prettifyError(error), `${method} ${path}`).toBeUndefined();
  }
  const wrong = validator(document, { $ref: '#/components/schemas/IngestAnswer' });
  expect(wrong.safeParse({ recorded: 'one' }).success).toBe(false);
});
