const mostBytes = 65_536;
const longString = 500;

/**
 * A CLI's final object as JSON, at most 64 KiB: its long texts are cut if it is larger, since what prices a run is in
 * its numbers. Undefined if that is not enough.
 */
export function rawResult(value: unknown): string | undefined {
  return fitting(value) ?? fitting(value, (_, member) => shortened(member));
}

function fitting(value: unknown, replacer?: (key: string, member: unknown) => unknown): string | undefined {
  try {
    const json: string | undefined = JSON.stringify(value, replacer);
    return json !== undefined && Buffer.byteLength(json) <= mostBytes ? json : undefined;
  } catch {
    // Nested too deep.
    return undefined;
  }
}

function shortened(member: unknown): unknown {
  if (typeof member !== 'string' || member.length <= longString) return member;
  return `${member.slice(0, longString).toWellFormed()}…`;
}
