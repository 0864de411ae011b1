import type { AlertDeclaration, Inhibition } from '../../monitoring/alert-declaration.ts';
import type { Episode } from './timeline.ts';

/**
 * The parts of the episodes in which no cause inhibits them, as Alertmanager does it. A cause
 * inhibits also while it is inhibited itself.
 */
export function notInhibited(
  episodes: readonly Episode[],
  declarations: readonly AlertDeclaration[],
): Episode[] {
  const inhibitions = new Map(declarations.map(({ name, inhibitedBy = [] }) => [name, inhibitedBy]));
  return episodes.flatMap((episode) => {
    const causes = (inhibitions.get(episode.alert) ?? []).flatMap((inhibition) =>
      episodes.filter((cause) => inhibits(cause, episode, inhibition)),
    );
    return without(episode, causes);
  });
}

function inhibits(cause: Episode, episode: Episode, { alert, equal = [] }: Inhibition): boolean {
  return (
    cause.alert === alert &&
    cause.from < episode.to &&
    episode.from < cause.to &&
    equal.every((label) => (cause.labels[label] ?? '') === (episode.labels[label] ?? ''))
  );
}

/** What is left of an episode when the time of its causes is taken out. */
function without(episode: Episode, causes: readonly Episode[]): Episode[] {
  return causes.reduce(
    (parts, cause) =>
      parts.flatMap((part) =>
        cause.to <= part.from || part.to <= cause.from
          ? [part]
          : [
              { ...part, to: Math.min(part.to, cause.from) },
              { ...part, from: Math.max(part.from, cause.to) },
            ].filter(({ from, to }) => from < to),
      ),
    [episode],
  );
}
