import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { DeliverySummary } from '../../domain/alert.ts';
import { decodeCursor, type Page, pageOf } from '../../domain/page.ts';
import type { Step } from './database.ts';
import { blob, number, type Row } from './row.ts';

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Below this many bytes packing costs more than it saves. */
const packedFrom = 8192;

/** A call's body as it is kept: large groups that are repeated for days would fill the disk with the same text. */
export interface PackedBody {
  bytes: number;
  gzipped: boolean;
  body: Uint8Array;
}

export async function packBody(raw: string): Promise<PackedBody> {
  const body = Buffer.from(raw);
  const gzipped = body.length >= packedFrom;
  return { bytes: body.length, gzipped, body: gzipped ? await pack(body, { level: 1 }) : body };
}

export function keepDelivery(step: Step, { bytes, gzipped, body }: PackedBody, alerts: number): void {
  step.run(
    `INSERT INTO alert_deliveries (received_at, alerts, bytes, gzipped, body)
     VALUES ($now, $alerts, $bytes, $gzipped, $body)`,
    { now: step.now, alerts, bytes, gzipped: gzipped ? 1 : 0, body },
  );
}

export function listDeliveries(
  step: Step,
  { limit, cursor }: { limit: number; cursor?: string },
): Page<DeliverySummary> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const rows = step.all(
    `SELECT seq, received_at, alerts, bytes FROM alert_deliveries
     WHERE ($at IS NULL OR (received_at, seq) < ($at, $seq))
     ORDER BY received_at DESC, seq DESC LIMIT $rows`,
    { at: after?.at, seq: Number(after?.id ?? 0), rows: limit + 1 },
  );
  return pageOf(rows.map(summaryOf), limit, ({ received_at, id }) => ({ at: Date.parse(received_at), id }));
}

/** The body as it came. */
export async function bodyOf({ body, gzipped }: Row): Promise<string> {
  const bytes = blob(body);
  return (gzipped ? await unpack(bytes) : Buffer.from(bytes)).toString();
}

function summaryOf(row: Row): DeliverySummary {
  return {
    id: String(number(row.seq)),
    received_at: new Date(number(row.received_at)).toISOString(),
    alerts: number(row.alerts),
    bytes: number(row.bytes),
  };
}
