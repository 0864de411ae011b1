import type { Readable } from 'node:stream';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { messageOf } from '../domain/errors.ts';
import { writeAll } from './write-all.ts';

/** How a passage ended before its stream did. */
export type CutOff = { kind: 'reader_gone' } | { kind: 'failed'; message: string };

/** More than a pipe can hold: what comes later was not written by a child that had exited before. */
const mostInPipe = 4 * 1024 * 1024;
/** How long a pipe is watched that stays open and empty. */
const quietMs = 100;

/**
 * Passes a stream of the child's on to one of our file descriptors, byte for byte. It is read as fast as it can be
 * passed on, and no faster.
 */
export class Passage {
  readonly #from: Readable;
  readonly #to: number;
  readonly #onChunk: (chunk: Buffer) => void;
  readonly #done: Promise<void>;
  #cutOff?: CutOff;
  #ended = false;
  #writing = false;
  #bytes = 0;

  constructor(from: Readable, to: number, onChunk: (chunk: Buffer) => void) {
    this.#from = from;
    this.#to = to;
    this.#onChunk = onChunk;
    this.#done = this.#run().finally(() => {
      this.#ended = true;
    });
  }

  get cutOff(): CutOff | undefined {
    return this.#cutOff;
  }

  /**
   * Resolves when all is through that a child wrote which has exited: at the end of the stream, or when nothing more is
   * in a pipe that something it started still holds open. False if `giveUp` came first.
   */
  async finish(giveUp: AbortSignal): Promise<boolean> {
    const before = this.#bytes;
    while (!this.#ended && !giveUp.aborted) {
      const seen = this.#bytes;
      await Promise.race([this.#done, sleep(quietMs, undefined, { signal: giveUp }).catch(() => {})]);
      // Whatever came while we were not scheduled is read before this is over.
      await turn();
      await turn();
      if (this.#ended) break;
      const quiet = !this.#writing && this.#bytes === seen;
      if (quiet || this.#bytes - before > mostInPipe) {
        this.#from.destroy();
        await this.#done;
      }
    }
    return this.#ended;
  }

  async #run(): Promise<void> {
    try {
      // To leave the loop closes the stream, and the child learns of it when it next writes.
      for await (const chunk of this.#from) {
        this.#bytes += chunk.length;
        this.#onChunk(chunk);
        this.#writing = true;
        if (!(await this.#passOn(chunk))) break;
        this.#writing = false;
      }
    } catch {
      // Closed under us by `finish`: what came before has been passed on.
    }
    this.#writing = false;
  }

  async #passOn(chunk: Buffer): Promise<boolean> {
    try {
      await writeAll(this.#to, chunk);
      return true;
    } catch (error) {
      const gone = error instanceof Error && 'code' in error && error.code === 'EPIPE';
      this.#cutOff = gone ? { kind: 'reader_gone' } : { kind: 'failed', message: messageOf(error) };
      return false;
    }
  }
}
