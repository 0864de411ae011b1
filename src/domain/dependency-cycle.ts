import { AppError } from './errors.ts';

/** How many tasks are looked at for one new task; with more it is refused, since nobody could say that it ever runs. */
export const mostDependencies = 10_000;
/** How many ids of a cycle are named. */
const mostNamed = 10;

/**
 * Refuses a task that would wait for itself, through others or at once. A task may depend on one that does not exist
 * yet, so the last of them to be made closes the circle. `dependenciesOf` answers what an unfinished task waits for.
 * @throws AppError `invalid` that names the cycle
 */
export function refuseCycle(
  task: { id: string; depends_on?: readonly string[] },
  dependenciesOf: (id: string) => readonly string[],
): void {
  const cameFrom = new Map<string, string>();
  const open: string[] = [];
  const reach = (ids: readonly string[], from: string) => {
    for (const id of ids) {
      if (id === task.id) throw cycle(task.id, from, cameFrom);
      if (cameFrom.has(id)) continue;
      if (cameFrom.size >= mostDependencies) throw tooMany(task.id);
      cameFrom.set(id, from);
      open.push(id);
    }
  };
  reach(task.depends_on ?? [], task.id);
  for (let id = open.pop(); id !== undefined; id = open.pop()) reach(dependenciesOf(id), id);
}

function cycle(id: string, last: string, cameFrom: ReadonlyMap<string, string>): AppError {
  const way: string[] = [];
  for (let at = last; at !== id; at = cameFrom.get(at) ?? id) way.unshift(at);
  const named =
    way.length > mostNamed
      ? [...way.slice(0, mostNamed / 2), `… ${way.length - mostNamed} more …`, ...way.slice(-mostNamed / 2)]
      : way;
  const through = [id, ...named, id].join(' → ');
  return invalid(
    way.length === 0 ? `task ${id} depends on itself` : `task ${id} would wait for itself: ${through}`,
    way.length === 0 ? 'must not name the task itself' : `closes the circle ${through}`,
  );
}

function tooMany(id: string): AppError {
  const what = `more than ${mostDependencies} unfinished tasks`;
  return invalid(`task ${id} waits for ${what}, one through another`, `leads to ${what}`);
}

function invalid(message: string, detail: string): AppError {
  return new AppError('invalid', message, { problems: [{ pointer: '/depends_on', detail }] });
}
