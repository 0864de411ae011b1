import { randomUUID } from 'node:crypto';
import { type Distribution, distributionOf } from '../distribution.ts';
import { type Serving, startPeer, startService } from './serving.ts';
import { timedGet } from './timed-get.ts';
import type { WrittenHistory } from './written-history.ts';

/** What one question took, in milliseconds. */
export interface Answered {
  /** The first question to a service that has just started. */
  cold: Distribution;
  /** Asked again. */
  warm: Distribution;
  /** Asked again when an outcome was recorded since. */
  recording: Distribution;
  peer: Distribution;
}

export interface Rounds {
  /** Services that are started, each asked by turns with the peer. */
  starts: number;
  /** Warm questions for each question to the peer. */
  warm: number;
  peer: number;
}

/** Asks the service and the peer the same question, by turns. @throws Error if their counts differ */
export async function askBoth(history: WrittenHistory, question: string, rounds: Rounds): Promise<Answered> {
  const [cold, warm, recording, peer]: [number[], number[], number[], number[]] = [[], [], [], []];
  const other = await startPeer(history.jsonl);
  try {
    for (let start = 0; start < rounds.starts; start += 1) {
      const service = await startService(history.folder);
      try {
        cold.push((await timedGet(`${service.url}/api/agent/metrics?${question}`)).ms);
        for (let round = 0; round < rounds.peer; round += 1) {
          for (let i = 0; i < rounds.warm; i += 1) {
            warm.push((await timedGet(`${service.url}/api/agent/metrics?${question}`)).ms);
          }
          peer.push(await askPeer({ service, peer: other, question, added: history.added }));
        }
        for (let i = 0; i < rounds.warm; i += 1) {
          await recordOne(service);
          history.added += 1;
          recording.push((await timedGet(`${service.url}/api/agent/metrics?${question}`)).ms);
        }
      } finally {
        await service.stop();
      }
    }
  } finally {
    await other.stop();
  }
  return {
    cold: distributionOf(cold),
    warm: distributionOf(warm),
    recording: distributionOf(recording),
    peer: distributionOf(peer),
  };
}

/** The question of the very window that the service has just answered. */
async function askPeer(options: {
  service: Serving;
  peer: Serving;
  question: string;
  added: number;
}): Promise<number> {
  const { service, peer, question, added } = options;
  const { answer: ours } = await timedGet(`${service.url}/api/agent/metrics?${question}`);
  const window = `from=${ours.window?.from}&to=${ours.window?.to}`;
  const { ms, answer: theirs } = await timedGet(`${peer.url}/api/agent/metrics?${window}&${question}`);
  // What was recorded between the questions is in the store only.
  const [counted, expected] = [ours.success_rate.total, theirs.success_rate.total + added];
  if (counted !== expected)
    throw new Error(`the service has counted ${counted} outcomes, and there are ${expected}`);
  return ms;
}

/** One that each of the questions is about. */
async function recordOne({ url }: Serving): Promise<void> {
  const outcome = { task_id: randomUUID(), task_type: 'impl', duration_seconds: 60, status: 'completed' };
  const response = await fetch(`${url}/api/agent/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...outcome, project: 'blog', executor: 'codex', model: 'gpt-5-codex' }),
  });
  if (!response.ok) throw new Error(`the service has refused an outcome: ${response.status}`);
}
