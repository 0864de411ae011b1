export const minutesPerDay = 24 * 60;

/** A Monday at midnight, in seconds since the epoch; every simulation begins there. */
export const simulationStart = Date.UTC(2026, 2, 2) / 1000;

/** The time of a minute of the simulation, in seconds since the epoch. */
export function timeOf(minute: number): number {
  return simulationStart + minute * 60;
}

export function dayOf(minute: number): number {
  return Math.floor(minute / minutesPerDay);
}

/** Hours since midnight, with fractions. */
export function hourOf(minute: number): number {
  return (minute % minutesPerDay) / 60;
}

export function isWorkday(minute: number): boolean {
  return dayOf(minute) % 7 < 5;
}

/** When people are there who see, answer and mend things. */
export function isOfficeHour(minute: number): boolean {
  return isWorkday(minute) && hourOf(minute) >= 9 && hourOf(minute) < 18;
}
