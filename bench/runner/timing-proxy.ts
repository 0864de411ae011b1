import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import type { WallClock } from '../wall-clock.ts';

/** When the runner and the service spoke of one task, in seconds since the epoch. */
export interface TaskTimes {
  /** The claim's answer has gone to the runner. */
  claimed?: number;
  /** The outcome has come from the runner. */
  reported?: number;
  /** The service has acknowledged it. */
  acknowledged?: number;
}

/** Stands between runner and service, and notes the times. Its two hops are part of what is measured. */
export interface TimingProxy {
  readonly url: string;
  readonly times: ReadonlyMap<string, TaskTimes>;
  close(): Promise<void>;
}

const claimAnswer = z.object({ tasks: z.array(z.object({ task: z.object({ id: z.string() }) })) });

export async function startTimingProxy(serviceUrl: string, clock: WallClock): Promise<TimingProxy> {
  const times = new Map<string, TaskTimes>();
  const note = (id: string, time: TaskTimes) => times.set(id, { ...times.get(id), ...time });
  const agent = new Agent({ keepAlive: true });
  const server = createServer(async (incoming, response) => {
    const finished = /^\/api\/agent\/tasks\/([^/]+)\/finish$/.exec(incoming.url ?? '')?.[1];
    if (finished) note(finished, { reported: clock() });
    const answer = await pass(new URL(incoming.url ?? '/', serviceUrl), incoming, agent);
    if (finished && answer.status === 200) note(finished, { acknowledged: clock() });
    const claimed = incoming.url?.endsWith('/claim') ? idsIn(answer.body) : [];
    for (const id of claimed) note(id, { claimed: clock() });
    send(response, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the proxy has no address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    times,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Answer {
  status: number;
  type: string;
  body: Buffer;
}

async function pass(url: URL, incoming: IncomingMessage, agent: Agent): Promise<Answer> {
  const body = await buffer(incoming);
  const { method, headers } = incoming;
  const answered = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method, headers: { ...headers, host: url.host }, agent }, resolve)
      .on('error', reject)
      .end(body);
  });
  const type = answered.headers['content-type'] ?? 'application/json';
  return { status: answered.statusCode ?? 502, type, body: await buffer(answered) };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length }).end(body);
}

function idsIn(body: Buffer): string[] {
  const answer = claimAnswer.safeParse(JSON.parse(body.toString()));
  return answer.data?.tasks.map(({ task }) => task.id) ?? [];
}
