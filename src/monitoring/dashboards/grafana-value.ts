/** Where Grafana puts in the value of a variable, a label or a field; `format` is one of its own. */
export function grafanaValue(name: string, format?: string): string {
  return `\${${name}${format === undefined ? '' : `:${format}`}}`;
}
