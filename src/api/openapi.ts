import { z } from 'zod';
import { problem } from './problem.ts';
import { defaultBodyLimit, type Route } from './route.ts';
import { type JsonSchema, jsonSchema, type NamedSchemas, withComponents } from './schema-components.ts';

/** The OpenAPI 3.1 document of these routes, from the schemas that validate. */
export function openApiDocument(routes: readonly Route[], version: string): JsonSchema {
  const named: NamedSchemas = { input: new Map(), output: new Map() };
  const paths: Record<string, JsonSchema> = {};
  for (const route of routes.filter(({ audience }) => audience !== 'people')) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route, named) };
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Andon',
      version,
      description: 'Watches a pipeline of coding agents, and pulls the cord.',
    },
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  };
  return withComponents(document, named);
}

function operation(route: Route, named: NamedSchemas): JsonSchema {
  const { method, path, summary, scope } = route;
  return {
    operationId: `${method}${path.replaceAll(/[^A-Za-z0-9]+(.?)/g, (_, next: string) => next.toUpperCase())}`,
    summary,
    ...(scope === 'public' ? {} : { security: [{ bearer: [] }], 'x-scope': scope }),
    parameters: [...parameters(route.params, 'path', named), ...parameters(route.query, 'query', named)],
    ...(route.body ? { requestBody: requestBody(route, route.body, named) } : {}),
    responses: {
      ...responses(route, named),
      default: { description: 'A problem', content: content(problem, 'application/problem+json', named) },
    },
  };
}

function parameters(schema: z.ZodType | undefined, where: 'path' | 'query', named: NamedSchemas): unknown[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).map(([name, member]) => {
    const { description, default: _, ...rest } = jsonSchema(member, 'input', named);
    return {
      name,
      in: where,
      required: where === 'path' || !(member instanceof z.ZodOptional || member instanceof z.ZodDefault),
      ...(description ? { description } : {}),
      schema: rest,
    };
  });
}

function requestBody(route: Route, body: z.ZodType, named: NamedSchemas): JsonSchema {
  const schema = jsonSchema(route.documentedBody ?? body, 'input', named);
  return {
    required: true,
    description: `At most ${(route.bodyLimit ?? defaultBodyLimit) / 1024 / 1024} MiB.`,
    content: {
      'application/json': { schema },
      ...(route.ndjson ? { 'application/x-ndjson': { schema: { type: 'string' } } } : {}),
    },
  };
}

function responses(route: Route, named: NamedSchemas): JsonSchema {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, { description, schema, contentType }]) => {
      const type = contentType ?? 'application/json';
      return [status, { description, ...(schema ? { content: content(schema, type, named) } : {}) }];
    }),
  );
}

function content(schema: z.ZodType, type: string, named: NamedSchemas): JsonSchema {
  return { [type]: { schema: jsonSchema(schema, 'output', named) } };
}
