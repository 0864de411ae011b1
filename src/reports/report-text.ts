import { allWell, type MorningReport } from './morning-report.ts';
import { textTable } from './text-table.ts';

/** How the parts of a report are written. */
interface Style {
  heading(text: string): string;
  item(text: string): string;
  table(rows: string[][]): string[];
  /** Text from outside, so that it is not taken for markup. */
  plain(text: string): string;
}

const text: Style = {
  heading: (title) => title.toUpperCase(),
  item: (line) => `- ${line}`,
  table: textTable,
  plain: (value) => value,
};

const markdown: Style = {
  heading: (title) => `## ${title}\n`,
  item: (line) => `- ${line}`,
  table: ([head = [], ...rows]) => [
    `| ${head.join(' | ')} |`,
    `|${head.map((_, column) => (column === 0 ? '---' : '---:')).join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ],
  plain: (value) => value.replaceAll(/[\\`*_[\]<>|#]/g, '\\$&'),
};

export function reportText(report: MorningReport): string {
  return write(report, text, reportTitle(report));
}

export function reportMarkdown(report: MorningReport): string {
  return write(report, markdown, `# ${reportTitle(report)}`);
}

/** The one line that says whether to read on. */
export function reportTitle(report: MorningReport): string {
  const { completed, failed } = report.tasks;
  const done = `${completed} done, ${failed} failed, spent ${money(report.spent)}`;
  return allWell(report) ? `All is well: ${done}` : `Needs you: ${needs(report)}; ${done}`;
}

function needs({ alerts, improvements, attention }: MorningReport): string {
  const firing = alerts.filter(({ until }) => until === undefined).length;
  const parts = [
    [firing, 'alert fires', 'alerts fire'],
    [improvements.length, 'proposal waits', 'proposals wait'],
    [attention.length, 'thing to look at', 'things to look at'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, one, more]) => `${count} ${count === 1 ? one : more}`)
    .join(', ');
}

function write(report: MorningReport, style: Style, title: string): string {
  const { tasks, spent, failures, alerts, improvements, attention, projects } = report;
  const section = (heading: string, lines: string[]) =>
    lines.length > 0 ? [style.heading(heading), ...lines, ''] : [];
  const { plain, item } = style;
  return [
    title,
    '',
    `From ${moment(report.from)} to ${moment(report.to)}`,
    '',
    ...section('Needs you', [
      ...attention.map((flag) => item(plain(flag))),
      ...improvements.map(({ id, title }) => item(`Approve or reject ${id}: ${plain(title)}`)),
    ]),
    ...section(
      'Fired',
      alerts.map(({ name, summary, about, since, until }) =>
        item(
          `${name}: ${plain(summary)}${about && ` (${plain(about)})`} ` +
            (until ? `${moment(since)} to ${moment(until)}` : `since ${moment(since)}, still`),
        ),
      ),
    ),
    ...section('Done', [
      ...style.table([
        ['project', 'completed', 'failed', 'spent'],
        ...projects.map((one) => [plain(one.project), `${one.completed}`, `${one.failed}`, money(one)]),
        ['all', `${tasks.completed}`, `${tasks.failed}`, money(spent)],
      ]),
      '',
      `Verdicts: ${tasks.accepted} accepted, ${tasks.rejected} rejected, ${tasks.reverted} reverted.`,
      ...(spent.notional_cost_usd
        ? [`Besides, under a subscription: $${spent.notional_cost_usd.toFixed(2)} notional.`]
        : []),
    ]),
    ...section(
      'Attempts that failed',
      failures.map(({ error_class, fault, attempts }) =>
        item(`${attempts} ${plain(error_class)}, ${faults[fault] ?? fault}`),
      ),
    ),
  ]
    .join('\n')
    .trimEnd();
}

const faults: Record<string, string> = {
  attempt: 'of the work',
  provider: 'of the provider',
  set_up: 'of the set-up',
  ours: 'ended by us',
};

function money({
  cost_usd,
  unpriced_attempts,
}: {
  cost_usd: number | null;
  unpriced_attempts: number;
}): string {
  if (cost_usd === null) return 'unpriced';
  return `$${cost_usd.toFixed(2)}${unpriced_attempts > 0 ? ` + ${unpriced_attempts} unpriced` : ''}`;
}

function moment(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}
