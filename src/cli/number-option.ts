import { InvalidArgumentError } from 'commander';

/** Reads the value of an option that is a number; whether it is one of those that are taken, settings say. */
export function numberOption(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is not a number.');
  return value;
}

/** Reads the value of an option that is a length of time in seconds, at most a week. */
export function secondsOption(text: string): number {
  const value = numberOption(text);
  if (value <= 0 || value > 7 * 24 * 3600) throw new InvalidArgumentError('It is not between 0 and a week.');
  return value;
}
