import { AppError } from '../../domain/errors.ts';
import type { AlertDeclaration } from '../../monitoring/alert-declaration.ts';
import { alertsRead } from './alerts-series.ts';
import { type Evaluation, evaluateAlert } from './evaluate-alert.ts';
import type { Episode } from './timeline.ts';

const workers = 2;

/** When each of the alerts fired, those first that others read. */
export async function evaluateAlerts(
  declarations: readonly AlertDeclaration[],
  evaluation: Evaluation,
): Promise<Episode[]> {
  const episodes: Episode[] = [];
  for (const rank of ranks(declarations, evaluation)) {
    const known = [...episodes];
    episodes.push(...(await evaluateSome(rank, evaluation, known)));
  }
  return episodes.sort((a, b) => a.from - b.from);
}

/** Prometheus works on one core for each question. */
async function evaluateSome(
  declarations: readonly AlertDeclaration[],
  evaluation: Evaluation,
  known: readonly Episode[],
): Promise<Episode[]> {
  const left = [...declarations];
  const episodes: Episode[] = [];
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      episodes.push(...(await evaluateAlert(next, evaluation, known)));
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return episodes;
}

/** Those of a rank read only those of the ranks before it. @throws AppError `internal` if two read each other */
function ranks(
  declarations: readonly AlertDeclaration[],
  { objectives }: Evaluation,
): readonly (readonly AlertDeclaration[])[] {
  const ordered: AlertDeclaration[][] = [];
  let left = [...declarations];
  while (left.length > 0) {
    const ready = left.filter((declaration) => {
      const reads = alertsRead(declaration.expr(objectives)).map(({ alert }) => alert);
      return left.every(({ name }) => name === declaration.name || !reads.includes(name));
    });
    if (ready.length === 0) {
      throw new AppError('internal', `alerts read each other: ${left.map(({ name }) => name).join(', ')}`);
    }
    ordered.push(ready);
    left = left.filter((declaration) => !ready.includes(declaration));
  }
  return ordered;
}
