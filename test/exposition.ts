/** The samples of a text exposition, by name and labels as they are written. */
export function samplesOf(exposition: string): Map<string, number> {
  return new Map(
    exposition
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const blank = line.lastIndexOf(' ');
        return [line.slice(0, blank), Number(line.slice(blank + 1))];
      }),
  );
}

/** The sum of a metric's samples, those with this label alone if it is given (`status="failed"`). */
export function sumOf(samples: ReadonlyMap<string, number>, metric: string, label = ''): number {
  let sum = 0;
  for (const [series, value] of samples) {
    if (series.startsWith(`${metric}{`) && series.includes(label)) sum += value;
  }
  return sum;
}
