/** Lines of PromQL two further in: expressions are read in the docs and in Prometheus. */
export function indent(expression: string): string {
  return expression.replaceAll(/^/gm, '  ');
}

/** An expression in parentheses, on lines of its own. */
export function enclose(expression: string): string {
  return `(\n${indent(expression)}\n)`;
}

/** A number as PromQL has it, without the noise of binary fractions. */
export function decimal(value: number): string {
  return String(Number(value.toPrecision(6)));
}
