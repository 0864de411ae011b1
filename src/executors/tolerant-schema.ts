import { z } from 'zod';

/**
 * For what an agent CLI prints. The formats drift: a member that is not as expected counts as absent, and never costs
 * the rest of the event.
 */
export function tolerant<T extends z.ZodType>(schema: T) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .catch(undefined);
}

export const text = tolerant(z.string());
export const flag = tolerant(z.boolean());
export const number = tolerant(z.number());
export const count = tolerant(z.int().min(0).max(1e12));
export const usd = tolerant(z.number().min(0).max(1e6));
