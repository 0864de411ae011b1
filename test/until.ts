import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is what is wanted. Fails with what it last saw. */
export async function until<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  options: { seconds: number; what: string },
): Promise<T> {
  const deadline = performance.now() + options.seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (wanted(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const seen = last instanceof Error ? String(last) : JSON.stringify(last);
      throw new Error(`${options.what}: not within ${options.seconds} s; last seen: ${seen?.slice(0, 500)}`);
    }
    await sleep(100);
  }
}

export async function ready(url: string): Promise<void> {
  await until(
    async () => (await fetch(`${url}/readyz`)).status,
    (status) => status === 200,
    {
      seconds: 20,
      what: `${url} is ready`,
    },
  );
}
