const offset = 0xcbf29ce484222325n;
const prime = 0x100000001b3n;
const separator = Buffer.from([0xff]);

/**
 * The fingerprint of a label set as Prometheus and Alertmanager compute it: FNV-1a with 64 bits over the names, in
 * order, and values, each followed by a byte that no text has; 16 hex digits.
 */
export function labelFingerprint(labels: Record<string, string>): string {
  let hash = offset;
  for (const name of Object.keys(labels).sort()) {
    for (const part of [Buffer.from(name), separator, Buffer.from(labels[name] ?? ''), separator]) {
      for (const byte of part) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * prime);
    }
  }
  return hash.toString(16).padStart(16, '0');
}
