import { expect, test } from 'vitest';
import type { Incident } from './incident.ts';
import { markNearMisses } from './near-misses.ts';

function incident(at_least: Incident['at_least']): Incident {
  return {
    name: 'one',
    fault: { kind: 'service_down' },
    from: 100,
    to: 200,
    instead: [],
    follows: [],
    lingers: [],
    tail: 60,
    touches: [],
    quiet_minutes: 0,
    ...(at_least && { at_least }),
  };
}

function isSmall(at_least: Incident['at_least'], hits: readonly number[]): boolean | undefined {
  const one = incident(at_least);
  return markNearMisses([one], new Map([[one.fault, hits]]))[0]?.small;
}

test('an incident is small if it hit too few attempts, too far apart, or too late', () => {
  expect(isSmall({ hits: 3 }, [110, 120])).toBe(true);
  expect(isSmall({ hits: 3 }, [110, 120, 130])).toBe(false);
  expect(isSmall({ hits: 3 }, [110, 120, 230])).toBe(true);
  expect(isSmall({ hits: 3, within: 30 }, [110, 120, 150, 160])).toBe(true);
  expect(isSmall({ hits: 3, within: 30 }, [110, 150, 160, 170])).toBe(false);
  expect(isSmall({ minutes: 45 }, [154, 156])).toBe(false);
  expect(isSmall({ minutes: 45 }, [156])).toBe(true);
  expect(isSmall({ minutes: 45 }, [])).toBe(true);
});

test('one that needs no size is never small', () => {
  expect(isSmall(undefined, [])).toBe(false);
});
