import { InvalidArgumentError } from 'commander';

/** Reads the value of an option that is a number; whether it is one of those that are taken, settings say. */
export function numberOption(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is not a number.');
  return value;
}
