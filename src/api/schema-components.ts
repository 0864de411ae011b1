import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;
type Direction = 'input' | 'output';

/**
 * The named schemas of one OpenAPI document, by direction: what a caller may send can differ from what is answered
 * under the same name, by its defaults.
 */
export type NamedSchemas = Record<Direction, Map<string, JsonSchema>>;

/** The JSON schema; those in it that have a name are put among the named ones, and pointed at. */
export function jsonSchema(schema: z.ZodType, direction: Direction, named: NamedSchemas): JsonSchema {
  // In a list, so that a schema with a name is pointed at wherever it stands.
  const { items, $defs = {} } = z.toJSONSchema(z.array(schema), {
    io: direction,
    unrepresentable: 'any',
    reused: 'inline',
  });
  const pointTo = (name: string) => unresolved(direction, name);
  for (const [name, definition] of Object.entries($defs)) {
    named[direction].set(name, asObject(withRefs(definition, /^#\/\$defs\/(.+)$/, pointTo)));
  }
  return asObject(withRefs(items, /^#\/\$defs\/(.+)$/, pointTo));
}

/**
 * The document with its named schemas under `components.schemas`, each once. Where the two directions of a name
 * differ, the answered one is `<name>Output`.
 */
export function withComponents(document: JsonSchema, named: NamedSchemas): JsonSchema {
  const twofold = differing(named);
  const nameOf = (direction: string, name: string) =>
    direction === 'output' && twofold.has(name) ? `${name}Output` : name;
  const schemas = Object.fromEntries(
    Object.entries(named).flatMap(([direction, definitions]) =>
      [...definitions].map(([name, definition]) => [nameOf(direction, name), definition]),
    ),
  );
  const whole = { ...document, components: { ...asObject(document.components), schemas } };
  const resolved = withRefs(whole, /^(input|output) (.+)$/, (direction, name) => {
    return `#/components/schemas/${nameOf(direction, name)}`;
  });
  return asObject(resolved);
}

/** The names whose directions differ, in themselves or in what they point at. */
function differing({ input, output }: NamedSchemas): Set<string> {
  const differ = new Set<string>();
  const shape = (direction: Direction, definition: unknown) =>
    JSON.stringify(
      withRefs(definition, /^(?:input|output) (.+)$/, (name) =>
        differ.has(name) ? unresolved(direction, name) : name,
      ),
    );
  for (let before = -1; before < differ.size; ) {
    before = differ.size;
    for (const [name, definition] of input) {
      const other = output.get(name);
      if (other && shape('input', definition) !== shape('output', other)) differ.add(name);
    }
  }
  return differ;
}

/** What a reference is until it is known whether its name stands for one schema or for two. */
function unresolved(direction: Direction, name: string): string {
  return `${direction} ${name}`;
}

/** The value with each `$ref` that matches replaced, wherever it stands. */
function withRefs(value: unknown, pattern: RegExp, replace: (...groups: string[]) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withRefs(item, pattern, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const groups = key === '$ref' && typeof member === 'string' ? pattern.exec(member) : undefined;
      return [key, groups ? replace(...groups.slice(1)) : withRefs(member, pattern, replace)];
    }),
  );
}

/** JSON Schema's `true`, and what is absent, allow anything. */
function asObject(schema: unknown): JsonSchema {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema) ? { ...schema } : {};
}
