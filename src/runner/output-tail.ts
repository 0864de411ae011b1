/** The last bytes of a stream, in bounded memory. */
export class OutputTail {
  private readonly limit: number;
  private parts: Buffer[] = [];
  private length = 0;
  /** Whether something came before what is kept, so that it may begin within a character. */
  private cut = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  push(chunk: Uint8Array): void {
    const last = chunk.subarray(Math.max(0, chunk.byteLength - this.limit));
    this.cut ||= last.byteLength < chunk.byteLength;
    this.parts.push(Buffer.from(last));
    this.length += last.byteLength;
    // Joined now and then, not at each of many small pieces.
    if (this.length > 2 * this.limit || this.parts.length > 1024) this.join();
  }

  /** At most so many bytes as text, beginning at a whole character. */
  text(limit = this.limit): string {
    this.join();
    const all = this.parts[0] ?? Buffer.alloc(0);
    let from = Math.max(0, all.length - limit);
    const cut = this.cut || from > 0;
    for (let steps = 0; cut && steps < 3 && ((all[from] ?? 0) & 0xc0) === 0x80; steps += 1) from += 1;
    return all.subarray(from).toString();
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  private join(): void {
    const all = Buffer.concat(this.parts);
    this.cut ||= all.length > this.limit;
    const kept = Buffer.from(all.subarray(Math.max(0, all.length - this.limit)));
    this.parts = [kept];
    this.length = kept.length;
  }
}
