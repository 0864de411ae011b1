import { AppError } from '../../domain/errors.ts';
import type { RecordingRule } from '../../monitoring/recording/recording-rule.ts';

/** Where a rule asks for samples of what is recorded, how far apart they are taken. */
const resolution = '1m';

/**
 * An expression with what is recorded written out: it can be evaluated over a past in which nothing was recorded.
 * @throws AppError `internal` if what is recorded is selected in a way that cannot be written out
 */
export function inlineRecords(expr: string, rules: readonly RecordingRule[]): string {
  const byName = new Map(rules.map((rule) => [rule.record, rule]));
  // A longer name may begin as a shorter one.
  const names = [...byName.keys()].sort((a, b) => b.length - a.length).join('|');
  const selector = new RegExp(
    `(?<![\\w:])(${names})(?![\\w:])(\\{[^}]*\\})?(\\[[^\\]]+\\])?( offset \\w+)?`,
    'g',
  );
  const inline = (text: string): string =>
    text.replace(selector, (_whole, name: string, matchers = '', range = '', offset = '') => {
      const inner = `(${inline(byName.get(name)?.expr ?? '')})`;
      return over(select(inner, matchers), range, offset);
    });
  return inline(expr);
}

/** An expression takes no range and no offset of its own, but a subquery of it does. */
function over(inner: string, range: string, offset: string): string {
  if (range === '') return offset === '' ? inner : `last_over_time(${inner}[2m:${resolution}]${offset})`;
  return inner + (range.includes(':') ? range : range.replace(']', `:${resolution}]`)) + offset;
}

function select(inner: string, matchers: string): string {
  return [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].reduce(
    (selected, [, label = '', operator = '', value = '']) => {
      const regex = operator.includes('~');
      if (regex && !/^[\w|-]*$/.test(value)) {
        throw new AppError('internal', `cannot write out the matcher ${label}${operator}"${value}"`);
      }
      const wanted = (regex ? value.split('|') : [value]).map((each) => labelled({ [label]: each }));
      const set = operator.startsWith('!') ? 'unless' : 'and';
      return `(${selected} ${set} on (${label}) (${wanted.join(' or ')}))`;
    },
    inner,
  );
}

/** A series of these labels with the value 1. */
export function labelled(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).reduce(
    (series, [label, value]) => `label_replace(${series}, "${label}", ${JSON.stringify(value)}, "", "")`,
    'vector(1)',
  );
}
