import type { Bench, Cell, Goal, Table } from './bench.ts';
import type { Machine } from './machine.ts';

/** What a bench has found, with what it was found on: what `--json` prints. */
export interface Report {
  bench: string;
  command: string;
  date: string;
  machine: Machine;
  tables: Table[];
  goals: Goal[];
}

/** For a person, and to be pasted into docs/performance.md: tables in Markdown. */
export function showReport({ command, date, machine, tables, goals }: Report): string {
  const { cpu, cores, memory_gb, system, node } = machine;
  return [
    `\`${command}\`, ${date}: ${cpu}, ${cores} cores, ${memory_gb} GB, ${system}, Node ${node}`,
    ...tables.flatMap(({ title, rows, notes = [] }) => ['', title, '', ...showRows(rows), ...withGap(notes)]),
    ...(goals.length > 0 ? ['', ...goals.map(showGoal)] : []),
  ].join('\n');
}

export function showBenches(benches: readonly Bench[]): string {
  const width = Math.max(...benches.map(({ name }) => name.length));
  return benches.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
}

function withGap(lines: string[]): string[] {
  return lines.length > 0 ? ['', ...lines] : [];
}

function showGoal({ what, is, goal, measured, unit, met }: Goal): string {
  return `${met ? 'met   ' : 'MISSED'}  ${what}: ${show(measured)} ${unit}, goal ${is} ${goal} ${unit}`;
}

function showRows(rows: Record<string, Cell>[]): string[] {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => columns.map((column) => show(row[column] ?? '')));
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...lines.map((line) => line[i]?.length ?? 0)),
  );
  const line = (cells: string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(columns), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.map(line)];
}

function show(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return digits(cell);
  return `${digits(cell.median)} (${digits(cell.p10)} to ${digits(cell.p90)})`;
}

/** Three digits that mean something, and no more. */
function digits(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
