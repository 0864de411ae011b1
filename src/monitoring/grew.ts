/** How far apart the samples of a counter may be: a restart of the service leaves such a gap. */
const gap = '15m';

/**
 * By how much a counter of the store has grown within a window. Its last value less the one before the window, or less
 * its first if there is none: bars that follow each other lose nothing between them and add up to the whole.
 */
export function grew(series: string, window: string): string {
  return [
    `last_over_time(${series}[${window}])`,
    '-',
    `(last_over_time(${series}[${gap}] offset ${window}) or min_over_time(${series}[${window}]))`,
  ].join('\n');
}
