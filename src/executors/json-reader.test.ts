import { expect, it } from 'vitest';
import { JsonReader } from './json-reader.ts';

function valuesOf(text: string, skips?: (line: Buffer) => boolean): unknown[] {
  const values: unknown[] = [];
  const reader = new JsonReader((value) => values.push(value), skips);
  reader.push(Buffer.from(text));
  reader.end();
  return values;
}

it('takes a value to a line, and passes over what is none', () => {
  expect(valuesOf('{"a":1}\nhello\n{"b":\n[1,2]\n7\n{"c":3}')).toEqual([{ a: 1 }, 1, 2, { c: 3 }]);
});

it('takes a value that is spread over lines', () => {
  const value = { a: [{ b: '}' }], c: {} };
  const spread = JSON.stringify(value, null, 2);
  expect(valuesOf(`Loaded.\n${spread}\r\n${JSON.stringify([value], null, 2)}`)).toEqual([value, value]);
});

it('gives up a spread value that another begins in', () => {
  expect(valuesOf('{\n  "a": 1,\n{"b":2}\n}\n')).toEqual([{ b: 2 }]);
});

it('does not parse what is skipped', () => {
  expect(valuesOf('{"a":1}\n{"b":2}\n', (line) => line.includes('"a"'))).toEqual([{ b: 2 }]);
});
