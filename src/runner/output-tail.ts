/** Enough for most outputs. */
const firstCapacity = 4096;

/**
 * The last bytes of a stream, in bounded memory: a ring that is written over and over, so that what streams through
 * leaves nothing behind for the garbage collector.
 */
export class OutputTail {
  private readonly limit: number;
  private ring: Buffer;
  /** Where the next byte goes. Until the ring is full, all before it is kept; then the oldest begins here. */
  private next = 0;
  private length = 0;
  /** How many bytes came before what is kept. */
  private gone = 0;

  constructor(limit: number) {
    this.limit = limit;
    this.ring = Buffer.alloc(Math.min(limit, firstCapacity));
  }

  push(chunk: Uint8Array): void {
    this.grow(this.length + chunk.byteLength);
    const { ring, next } = this;
    const last = chunk.subarray(Math.max(0, chunk.byteLength - ring.length));
    const fitting = last.subarray(0, ring.length - next);
    ring.set(fitting, next);
    ring.set(last.subarray(fitting.byteLength), 0);
    this.next = (next + last.byteLength) % Math.max(1, ring.length);
    const all = this.length + chunk.byteLength;
    this.length = Math.min(all, ring.length);
    this.gone += all - this.length;
  }

  /** At most so many bytes as text, beginning at a whole character. */
  text(limit = this.limit): string {
    const { kept, gone } = this.bytes();
    let from = Math.max(0, kept.length - limit);
    const cut = gone > 0 || from > 0;
    for (let steps = 0; cut && steps < 3 && ((kept[from] ?? 0) & 0xc0) === 0x80; steps += 1) from += 1;
    return kept.subarray(from).toString();
  }

  /** What is kept, as it came, and how many bytes of the stream came before it. */
  bytes(): { kept: Buffer; gone: number } {
    const { ring, next, length, gone } = this;
    const older = length < ring.length ? [] : [ring.subarray(next)];
    return { kept: Buffer.concat([...older, ring.subarray(0, next)]), gone };
  }

  clear(): void {
    this.ring = Buffer.alloc(Math.min(this.limit, firstCapacity));
    this.next = 0;
    this.length = 0;
    this.gone = 0;
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** Makes room for so many bytes, as far as the limit goes. */
  private grow(wanted: number): void {
    if (Math.min(wanted, this.limit) <= this.ring.length) return;
    const { kept } = this.bytes();
    this.ring = Buffer.alloc(Math.min(this.limit, Math.max(wanted, 2 * this.ring.length)));
    this.ring.set(kept);
    this.next = kept.length;
  }
}
