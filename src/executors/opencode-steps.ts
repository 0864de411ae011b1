import type { StepPart } from './opencode-output.ts';
import { noUsage, totalUsage, type Usage } from './usage-rows.ts';

/** How many steps are kept for pricing them again; the price of a token can depend on the size of its step. */
const mostKept = 400;

type Tokens = NonNullable<StepPart['tokens']>;

/** The sum of a run's steps. Cached input is outside of the input. */
export class StepSum {
  count = 0;
  /** True once something ran whose usage the stream does not tell. */
  incomplete = false;
  private readonly kept: StepPart[] = [];
  private readonly sum = { input_uncached: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 };
  private money = 0;
  private priced = true;
  private readable = true;

  add(part: StepPart | undefined): void {
    this.count += 1;
    if (part && this.kept.push(part) > mostKept) this.kept.shift();
    const tokens = part?.tokens;
    if (tokens?.input === undefined || tokens.output === undefined) {
      this.readable = false;
      this.priced = false;
      return;
    }
    const { output, reasoning } = outputOf(tokens, tokens.output);
    const used = tokens.input + output + (tokens.cache?.read ?? 0) + (tokens.cache?.write ?? 0);
    this.sum.input_uncached += tokens.input;
    this.sum.cache_read += tokens.cache?.read ?? 0;
    this.sum.cache_write += tokens.cache?.write ?? 0;
    this.sum.output += output;
    this.sum.reasoning += reasoning;
    this.money += part?.cost ?? 0;
    // 0 is what it says of a model that it has no price for.
    if (!part?.cost && used > 0) this.priced = false;
  }

  /** What the finished steps cost; undefined if one of them has no price. */
  get cost(): number | undefined {
    return this.count > 0 && this.priced ? this.money : undefined;
  }

  /** The steps' own figures, for pricing them again. */
  get raw(): unknown {
    return this.count > 0 ? this.kept : undefined;
  }

  usage(state: 'terminal' | 'partial'): Usage {
    if (!this.readable || this.count === 0) return noUsage;
    return totalUsage({ ...this.sum, api_calls: this.count }, this.incomplete ? 'partial' : state);
  }
}

/**
 * Reasoning comes on top of the output (seen with 1.18: input 7952 + output 35 + reasoning 24 = total 8011), unless the
 * total says that it is inside.
 */
function outputOf({ total, input, reasoning = 0, cache }: Tokens, output: number) {
  const rest = (input ?? 0) + output + (cache?.read ?? 0) + (cache?.write ?? 0);
  const inside = total === rest && reasoning <= output;
  return { output: inside ? output : output + reasoning, reasoning };
}
