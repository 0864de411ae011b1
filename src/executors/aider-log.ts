import { z } from 'zod';
import { labelValue } from '../domain/labels.ts';
import { count, number, text, tolerant, usd } from './tolerant-schema.ts';

/** What is read of the file that `--analytics-log` names: an event to a line (`aider/analytics.py`, 0.86). */

const messageSend = z.object({
  event: z.literal('message_send'),
  properties: z.object({
    // `None`, and `openai/REDACTED`, for what Aider does not know by name.
    main_model: tolerant(labelValue.refine((name) => name !== 'None' && !name.endsWith('/REDACTED'))),
    edit_format: text,
    prompt_tokens: count,
    completion_tokens: count,
    cost: usd,
    total_cost: usd,
  }),
  time: number,
});
const event = z.discriminatedUnion('event', [
  messageSend,
  z.object({ event: z.literal('launched'), time: number }),
  z.object({ event: z.literal('exit'), time: number }),
  z.object({ event: z.literal('message_send_starting') }),
  z.object({
    event: z.literal('message_send_exception'),
    properties: tolerant(z.object({ exception: text })),
  }),
]);

/** One message's usage as it is logged, exactly. */
export type LoggedUsage = z.output<typeof messageSend>['properties'];

const mostMessages = 5000;

/** What the log says of one run: of the last one, if there are several in it. */
export class AiderLog {
  messages: LoggedUsage[] = [];
  overfull = false;
  /** Messages that were sent and got no answer since the last one that did. */
  unanswered = 0;
  exception?: string | undefined;
  private launched?: number | undefined;
  private exited?: number | undefined;

  /** Takes a value that was found in the log. */
  take(value: unknown): void {
    const read = event.safeParse(value).data;
    switch (read?.event) {
      case 'launched':
        this.begin(read.time);
        break;
      case 'exit':
        this.exited = read.time;
        break;
      case 'message_send_starting':
        this.unanswered += 1;
        break;
      case 'message_send_exception':
        this.exception = read.properties?.exception;
        break;
      case 'message_send':
        this.unanswered = 0;
        this.exception = undefined;
        if (this.messages.length >= mostMessages) this.overfull = true;
        else this.messages.push(read.properties);
        break;
    }
  }

  /** From its start to its end, in milliseconds but to the second; undefined if the log does not have both. */
  get duration_ms(): number | undefined {
    if (this.launched === undefined || this.exited === undefined) return undefined;
    return Math.max(0, this.exited - this.launched) * 1000;
  }

  private begin(time: number | undefined): void {
    this.messages = [];
    this.overfull = false;
    this.unanswered = 0;
    this.exception = undefined;
    // It begins anew where it was started in a folder of the repository: that is one run all the same.
    if (this.exited !== undefined || this.launched === undefined) this.launched = time;
    this.exited = undefined;
  }
}
