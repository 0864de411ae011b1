import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** A selector of series, with the labels that it matches. */
export interface Selector {
  metric: string;
  labels: string[];
  /** Its range, as it is written; none of an instant selector. */
  range?: string;
  /** The function that it is given to at once. */
  within?: string;
}

export interface ParsedPromql {
  /** What could not be read, with what is around it. */
  errors: string[];
  selectors: Selector[];
  /** The labels in `by`, `on`, `ignoring` and `group_left`. */
  grouping: string[];
  /** The labels that `label_replace` makes. */
  made: string[];
}

/** What an expression is made of; variables must have been put in. */
export function parsePromql(expr: string): ParsedPromql {
  const parsed: ParsedPromql = { errors: [], selectors: [], grouping: [], made: [] };
  const text = ({ from, to }: { from: number; to: number }) => expr.slice(from, to);
  parser.parse(expr).iterate({
    enter: ({ node, type, name, from, to }) => {
      if (type.isError) parsed.errors.push(`at ${from}: …${expr.slice(Math.max(0, from - 30), to + 30)}…`);
      if (name === 'VectorSelector') parsed.selectors.push(selectorOf(node, text));
      if (name === 'GroupingLabels') parsed.grouping.push(...node.getChildren('LabelName').map(text));
      if (name === 'FunctionCall' && text(node.firstChild ?? node) === 'label_replace') {
        const [target] = node.getChild('FunctionCallBody')?.getChildren('StringLiteral') ?? [];
        if (target) parsed.made.push(text(target).slice(1, -1));
      }
    },
  });
  return parsed;
}

function selectorOf(node: SyntaxNode, text: (node: SyntaxNode) => string): Selector {
  const identifier = node.getChild('Identifier');
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  const matrix = node.parent?.name === 'MatrixSelector' ? node.parent : undefined;
  const around = matrix?.parent?.name === 'OffsetExpr' ? matrix.parent.parent : matrix?.parent;
  const call = around?.name === 'FunctionCallBody' ? around.parent : undefined;
  return {
    metric: identifier ? text(identifier) : '',
    labels: matchers.flatMap((matcher) => {
      const label = matcher.getChild('LabelName');
      return label ? [text(label)] : [];
    }),
    ...(matrix && { range: text(matrix).slice(text(node).length + 1, -1) }),
    ...(call?.firstChild && { within: text(call.firstChild) }),
  };
}
