import { labelValue } from '../domain/labels.ts';
import { type AiderTrouble, aiderTrouble } from './aider-failure.ts';
import { type PrintedUsage, parseUsage, usageBegins, usageContinues } from './aider-printed-usage.ts';

/** No line of Aider's own is longer. */
const longestLine = 4000;
/** More messages than this are no run that can be believed. */
const mostMessages = 5000;

/** What is read of the text that Aider prints. */
export class AiderText {
  readonly usages: PrintedUsage[] = [];
  /** What went wrong, unless it was made good since. */
  trouble?: AiderTrouble;
  /** The model of the main chat, as it was announced. */
  model?: string;
  /** True if there is an editor's model besides: what a message ran on is not said then. */
  manyModels = false;
  /** True if there were too many messages to keep. */
  overfull = false;
  /** The lines so far of a usage that may go on. */
  private open?: { text: string; isRead: boolean };
  private explaining = false;

  /** Whether anything has been read that only Aider prints. */
  get begun(): boolean {
    return this.model !== undefined || this.usages.length > 0 || this.trouble !== undefined;
  }

  /** Takes the next line, without its end and without colours. */
  line(line: string): void {
    if (line.length > longestLine) return;
    if (this.open && usageContinues(this.open.text, line)) {
      this.readUsage({ ...this.open, text: `${this.open.text} ${line.trim()}` });
    } else if (usageBegins(line)) {
      this.readUsage({ text: line.trim(), isRead: false });
    } else {
      this.open = undefined;
      if (this.explaining) this.explain(line);
      else this.readOther(line);
    }
  }

  private readUsage(open: { text: string; isRead: boolean }): void {
    const usage = parseUsage(open.text);
    this.open = { text: open.text, isRead: open.isRead || usage !== undefined };
    if (!usage) return;
    if (open.isRead) this.usages[this.usages.length - 1] = usage;
    else this.answered(usage);
  }

  /** A message was answered: what went wrong before it was tried again. */
  private answered(usage: PrintedUsage): void {
    if (this.usages.length >= mostMessages) this.overfull = true;
    else this.usages.push(usage);
    this.explaining = false;
    this.trouble = this.trouble?.beforeUsage ? { ...this.trouble, beforeUsage: false } : undefined;
  }

  private readOther(line: string): void {
    const trouble = aiderTrouble(line);
    if (trouble) {
      this.trouble = trouble;
      this.explaining = true;
      const last = this.usages.at(-1);
      // What was too long was refused: its figures are Aider's estimate of what it would have been.
      if (last && trouble.error_class === 'context_exhausted') last.refused ||= last.received === 0;
    } else if (/^Commit [0-9a-f]{7,40} /.test(line)) {
      // The message of a commit is asked for after the answer, and that may be tried again too.
      this.trouble = undefined;
    } else if (this.usages.length === 0) {
      this.model ??= labelValue.safeParse(/^(?:Main model|Models?): (\S+)(?: with |$)/.exec(line)?.[1]).data;
      this.manyModels ||= line.startsWith('Editor model: ');
    }
  }

  /** The lines after the first of an error: up to an empty one, or to what is done about it. */
  private explain(line: string): void {
    if (line === '' || /^Retrying in [\d.]+ seconds/.test(line)) this.explaining = false;
    else if (this.trouble && this.trouble.said.length < longestLine) {
      this.trouble = { ...this.trouble, said: `${this.trouble.said} ${line.trim()}` };
    }
  }
}
