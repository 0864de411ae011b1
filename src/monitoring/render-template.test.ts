import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderTemplate } from './render-template.ts';

test('values are quoted so that YAML reads back what was given', () => {
  const values = { a: 'x: "y" # \\ é {{b}}', b: ['p', 'q: r'], c: 7 };
  const rendered = renderTemplate('a: {{a}}\nb: {{b}}\nc: {{c}}\n', values);
  expect(parse(rendered)).toEqual(values);
});

test('a line goes with the optional value that is not given', () => {
  const template = 'a: 1\nauth: { file: {{file?}} }\nb: 2\n';
  expect(parse(renderTemplate(template, { file: undefined }))).toEqual({ a: 1, b: 2 });
  expect(parse(renderTemplate(template, { file: '/t' }))).toEqual({ a: 1, auth: { file: '/t' }, b: 2 });
});

test('names a placeholder without a value, and a value without a placeholder', () => {
  expect(() => renderTemplate('a: {{missing}}', {})).toThrow('no value for {{missing}}');
  expect(() => renderTemplate('a: 1', { stray: 'x' })).toThrow('no placeholder {{stray}}');
});

test('comments stay as they are', () => {
  expect(renderTemplate('# {{name}} is explained\n', {})).toBe('# {{name}} is explained\n');
});
