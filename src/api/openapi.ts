import { z } from 'zod';
import { problem } from './problem.ts';
import { defaultBodyLimit, type Route } from './route.ts';

/** The OpenAPI 3.1 document of these routes, from the schemas that validate. */
export function openApiDocument(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Andon',
      version,
      description: 'Watches a pipeline of coding agents, and pulls the cord.',
    },
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  };
}

function operation(route: Route): Record<string, unknown> {
  const { method, path, summary, scope } = route;
  return {
    operationId: `${method}${path.replaceAll(/[^A-Za-z0-9]+(.?)/g, (_, next: string) => next.toUpperCase())}`,
    summary,
    ...(scope === 'public' ? {} : { security: [{ bearer: [] }], 'x-scope': scope }),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(route.body ? { requestBody: requestBody(route) } : {}),
    responses: {
      ...responses(route),
      default: { description: 'A problem', content: content(problem, 'application/problem+json') },
    },
  };
}

function parameters(schema: z.ZodType | undefined, where: 'path' | 'query'): unknown[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).map(([name, member]) => {
    const { description, default: _, ...rest } = jsonSchema(member, 'input');
    return {
      name,
      in: where,
      required: where === 'path' || !(member instanceof z.ZodOptional || member instanceof z.ZodDefault),
      ...(description ? { description } : {}),
      schema: rest,
    };
  });
}

function requestBody(route: Route): Record<string, unknown> {
  const schema = route.body ? jsonSchema(route.body, 'input') : {};
  return {
    required: true,
    description: `At most ${(route.bodyLimit ?? defaultBodyLimit) / 1024 / 1024} MiB.`,
    content: {
      'application/json': { schema },
      ...(route.ndjson ? { 'application/x-ndjson': { schema: { type: 'string' } } } : {}),
    },
  };
}

function responses(route: Route): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, { description, schema, contentType }]) => [
      status,
      { description, ...(schema ? { content: content(schema, contentType ?? 'application/json') } : {}) },
    ]),
  );
}

function content(schema: z.ZodType, type: string): Record<string, unknown> {
  return { [type]: { schema: jsonSchema(schema, 'output') } };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  return rest;
}
