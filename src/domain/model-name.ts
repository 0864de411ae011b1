/**
 * A model's name as a label: without what makes one model many series, a context mark (`[1m]`) or a release date
 * (`-20260105`, `-2026-01-05`, `@20260105`). The name as it ran is kept with the outcome.
 */
export function foldModelName(name: string): string {
  const folded = name
    .replace(/\[[^\]]*\]$/, '')
    .replace(/[-@](20\d{6}|20\d{2}-\d{2}-\d{2})(?=$|:|-v\d)/, '')
    .trim();
  return folded === '' ? name : folded;
}

const noModels = new Set(['default', 'auto', 'unknown', 'none', 'other']);

/** True for what stands in a model's place where nobody knows it, or the CLI chooses: such a name has no price. */
export function namesNoModel(name: string): boolean {
  return noModels.has(name.toLowerCase());
}
