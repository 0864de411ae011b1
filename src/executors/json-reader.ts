import { LineReader, longestLine } from './line-reader.ts';

const brace = 0x7b;
const bracket = 0x5b;

/**
 * Finds the JSON in a stream of bytes: a value to a line, or one spread over lines as `JSON.stringify(value, null, 2)`
 * does. The elements of an array come one by one. What is not JSON is passed over; no input makes it throw.
 */
export class JsonReader {
  private readonly onValue: (value: unknown) => void;
  private readonly skips: (line: Buffer) => boolean;
  private readonly lines: LineReader;
  /** The lines so far of a value that is spread over several. */
  private open?: { lines: Buffer[]; length: number };

  /** `skips` says of a line that it need not be parsed: most are messages, and large. */
  constructor(onValue: (value: unknown) => void, skips: (line: Buffer) => boolean = () => false) {
    this.onValue = onValue;
    this.skips = skips;
    this.lines = new LineReader((line) => this.take(line));
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  end(): void {
    this.lines.end();
  }

  private take(line: Buffer): void {
    const alone = line.length <= 2 ? line.toString().trim() : '';
    if (alone === '{' || alone === '[') {
      this.open = { lines: [Buffer.from(line)], length: line.length };
    } else if (alone === '}' || alone === ']') {
      this.close(line);
    } else if (line[0] === brace || line[0] === bracket) {
      // Inside a spread value every line is indented, so that this begins a new one.
      this.open = undefined;
      if (!this.skips(line)) this.emit(line);
    } else if (this.open) {
      this.keep(this.open, line);
    }
  }

  private keep(open: { lines: Buffer[]; length: number }, line: Buffer): void {
    open.length += line.length;
    // A copy: a line is of use only until `take` returns.
    open.lines.push(Buffer.from(line));
    if (open.length > longestLine) this.open = undefined;
  }

  private close(line: Buffer): void {
    const lines = this.open?.lines;
    this.open = undefined;
    if (lines) this.emit(Buffer.concat([...lines, line]));
  }

  private emit(json: Buffer): void {
    const value = parse(json);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) this.onValue(one);
    }
  }
}

function parse(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString());
  } catch {
    return undefined;
  }
}
