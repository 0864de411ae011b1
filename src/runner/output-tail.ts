/** The last bytes of a stream, in bounded memory. */
export class OutputTail {
  private readonly limit: number;
  private parts: Buffer[] = [];
  private length = 0;
  /** How many bytes came before what is kept. */
  private gone = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  push(chunk: Uint8Array): void {
    const last = chunk.subarray(Math.max(0, chunk.byteLength - this.limit));
    this.gone += chunk.byteLength - last.byteLength;
    this.parts.push(Buffer.from(last));
    this.length += last.byteLength;
    // Joined now and then, not at each of many small pieces.
    if (this.length > 2 * this.limit || this.parts.length > 1024) this.join();
  }

  /** At most so many bytes as text, beginning at a whole character. */
  text(limit = this.limit): string {
    const all = this.join();
    let from = Math.max(0, all.length - limit);
    const cut = this.gone > 0 || from > 0;
    for (let steps = 0; cut && steps < 3 && ((all[from] ?? 0) & 0xc0) === 0x80; steps += 1) from += 1;
    return all.subarray(from).toString();
  }

  /** What is kept, as it came, and how many bytes of the stream came before it. */
  bytes(): { kept: Buffer; gone: number } {
    const kept = this.join();
    return { kept, gone: this.gone };
  }

  clear(): void {
    this.parts = [];
    this.length = 0;
    this.gone = 0;
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  private join(): Buffer {
    const all = this.parts.length === 1 && this.parts[0] ? this.parts[0] : Buffer.concat(this.parts);
    const over = Math.max(0, all.length - this.limit);
    this.gone += over;
    const kept = over > 0 ? Buffer.from(all.subarray(over)) : all;
    this.parts = [kept];
    this.length = kept.length;
    return kept;
  }
}
