/** The longest line that is kept; longer ones are passed over. */
export const longestLine = 8 * 1024 * 1024;

const newline = 0x0a;

/**
 * Cuts a stream of bytes into lines, holding never more than one line of at most `limit` bytes. A line is of use only
 * until `onLine` returns: it may lie in the stream's own buffer.
 */
export class LineReader {
  private readonly onLine: (line: Buffer) => void;
  private readonly limit: number;
  private readonly empty: boolean;
  private parts: Buffer[] = [];
  private length = 0;
  private skipping = false;

  /** Empty lines are passed over, unless `empty` asks for them. */
  constructor(
    onLine: (line: Buffer) => void,
    { limit = longestLine, empty = false }: { limit?: number; empty?: boolean } = {},
  ) {
    this.onLine = onLine;
    this.limit = limit;
    this.empty = empty;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      this.complete(bytes.subarray(from, end));
      from = end + 1;
    }
    this.keep(bytes.subarray(from));
  }

  /** Ends the stream: what is left is its last line, whether or not a newline came. */
  end(): void {
    this.complete(Buffer.alloc(0));
  }

  /** A line's last part has come. Most come in one, and are not copied. */
  private complete(last: Buffer): void {
    if (this.parts.length > 0 || last.length > this.limit) this.keep(last);
    const line = this.parts.length > 0 ? Buffer.concat(this.parts) : last;
    const whole = !this.skipping;
    this.parts = [];
    this.length = 0;
    this.skipping = false;
    if (whole && (this.empty || line.length > 0)) this.onLine(line);
  }

  private keep(part: Buffer): void {
    if (this.skipping || part.length === 0) return;
    this.length += part.length;
    if (this.length > this.limit) {
      this.skipping = true;
      this.parts = [];
      return;
    }
    // A copy: the stream may use its buffer again, and a part of one would keep all of it in memory.
    this.parts.push(Buffer.from(part));
  }
}
