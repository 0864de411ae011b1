import { Agent, get } from 'node:http';
import { z } from 'zod';

const agent = new Agent({ keepAlive: true });
const answer = z.object({
  window: z.object({ from: z.string(), to: z.string() }).optional(),
  success_rate: z.object({ total: z.number(), completed: z.number() }),
});
export type Answer = z.infer<typeof answer>;

/** One GET over a connection that is kept, and how many milliseconds it took to have all of the answer. */
export async function timedGet(url: string): Promise<{ ms: number; answer: Answer }> {
  const begun = performance.now();
  const text = await new Promise<string>((resolve, reject) => {
    get(url, { agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve(body)).on('error', reject);
    }).on('error', reject);
  });
  const ms = performance.now() - begun;
  return { ms, answer: answer.parse(JSON.parse(text)) };
}
