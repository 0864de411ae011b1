import fc from 'fast-check';
import { expect, it } from 'vitest';
import { masked, maskText, SecretMask } from '../../src/runner/secret-mask.ts';
import { secretsOf } from '../../src/runner/secrets.ts';
import { agentTask, shellTask } from '../executors/service-stand-in.ts';
import { bench } from './runner-under-test.ts';

const env = {
  MY_TOKEN: 'correct horse battery',
  DB_PASSWORD: 'gr"ün\\geheim\n-----second line-----',
  SHORT_KEY: 'short',
  NOT_A_SECRET_PATH: '/usr/local/share',
  AB_SECRET: 'abababababac',
};
const secrets = secretsOf(env);

const letters = (pattern: string) => fc.stringMatching(new RegExp(`^${pattern}$`));
/** Each with what must never be seen of it. */
const secret = fc.oneof(
  letters('sk-[A-Za-z0-9]{24,60}'),
  letters('sk-ant-api03-[A-Za-z0-9_-]{30,60}'),
  letters('gh[po]_[A-Za-z0-9]{36}'),
  letters('github_pat_[A-Za-z0-9_]{40,82}'),
  letters('AKIA[A-Z0-9]{16}'),
  letters('xox[bp]-[0-9]{10}-[A-Za-z0-9]{24}'),
  letters('AIza[A-Za-z0-9_-]{35}'),
  fc.constantFrom(env.MY_TOKEN, env.AB_SECRET, ...env.DB_PASSWORD.split('\n')),
);
const header = letters('[A-Za-z0-9._~+/=-]{16,80}');
/** Text around a secret that does not make another of it, but begins like one. */
const plain = fc.oneof(
  fc.constantFrom(
    'task-',
    'risk-management ',
    's',
    'sk',
    'sk-',
    'gh',
    'ghp_',
    'correct horse ',
    'abab',
    'Bearer ',
    '\\n',
    'ü€',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('\n', ' ', '"', '{"type":"x"}\n'),
);

function inPieces(bytes: Buffer, cuts: number[]): string {
  const mask = new SecretMask(secrets);
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces = [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
  return Buffer.concat([...pieces.map((piece) => mask.push(piece)), mask.end()]).toString();
}

it('no secret shows, wherever the stream is cut, and it does not matter where', () => {
  const cuts = fc.array(fc.nat(), { maxLength: 30 });
  fc.assert(
    fc.property(fc.array(fc.tuple(plain, secret, plain), { maxLength: 6 }), cuts, (parts, at) => {
      const text = parts.map(([before, hidden, after]) => `${before}\n${hidden}\n${after}`).join('');
      const bytes = Buffer.from(text);
      const shown = inPieces(bytes, at);
      expect(shown).toBe(inPieces(bytes, []));
      for (const [, hidden] of parts) expect(shown).not.toContain(hidden);
    }),
    { numRuns: 2000 },
  );
});

it('a bearer token goes, its header stays', () => {
  fc.assert(
    fc.property(header, fc.array(fc.nat()), (token, at) => {
      const shown = inPieces(Buffer.from(`Authorization: Bearer ${token}\r\n`), at);
      expect(shown).toBe(`Authorization: Bearer ${masked}\r\n`);
    }),
  );
});

it('any bytes without a secret come through as they are', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (chunks) => {
      const mask = new SecretMask(secretsOf({}));
      const out = Buffer.concat([...chunks.map((chunk) => mask.push(Buffer.from(chunk))), mask.end()]);
      expect(out.equals(Buffer.concat(chunks))).toBe(true);
    }),
  );
});

it.each([
  ['a word with sk- in it', 'task-management-system-of-the-world and disk-12345678901234567890'],
  ['a path', 'in /usr/local/share'],
  ['a short value', 'a short one'],
  ['what only begins like a key', 'sk-short ghp_short AKIA1234 Bearer of news'],
])('%s is not masked', (_, text) => {
  expect(maskText(text, secrets)).toBe(text);
});

it.each([
  ['after an escape in JSON', '{"text":"key:\\nsk-ant-api03-abcdefghijkl"}', `{"text":"key:\\n${masked}"}`],
  ['a value as JSON holds it', JSON.stringify({ p: env.DB_PASSWORD }), `{"p":"${masked}"}`],
  ['a line of a value', 'x -----second line----- y', `x ${masked} y`],
  ['most of a value at the end', 'so it is correct horse bat', `so it is ${masked}`],
  ['two side by side', `${env.AB_SECRET}${env.AB_SECRET}`, `${masked}${masked}`],
  ['one that begins within a beginning', `abab${env.AB_SECRET}`, `abab${masked}`],
])('%s', (_, text, shown) => {
  expect(maskText(text, secrets)).toBe(shown);
});

it('200 MB full of what begins like a key take seconds, not minutes', () => {
  const worst = [
    'sk-'.repeat(20_000),
    'ab'.repeat(30_000),
    `sk-${'a'.repeat(60_000)}`,
    `ghp_${'a'.repeat(19)} `.repeat(2500),
    `sk-${'b'.repeat(30)} `.repeat(1800),
  ];
  const begun = process.cpuUsage();
  for (const text of worst) {
    const mask = new SecretMask(secrets);
    const chunk = Buffer.from(text);
    for (let bytes = 0; bytes < 40e6; bytes += chunk.length) mask.push(chunk);
    mask.end();
  }
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1e6).toBeLessThan(10);
});

it('neither log, tail, message nor raw result of an attempt shows one', async () => {
  const { runOne, logOf } = await bench({ API_TOKEN: 'correct-horse-battery' });
  const keys = ['correct-horse-battery', 'ghp_0123456789abcdef0123456789abcdef0123'];
  const task = shellTask(
    `printf 'correct-hor'; printf 'err ${keys[1]}\\n' >&2; printf 'se-battery\\n'; echo '${keys[1]}'; exit 3`,
  );
  const request = await runOne(task);
  const all = JSON.stringify(request) + logOf(task);
  for (const key of keys) expect(all).not.toContain(key);
  expect(request.error_message).toContain(masked);
  expect(request.log_tail).toContain(masked);
});

it('a raw result is masked', async () => {
  const { runOne } = await bench({ A_SECRET: 'claude-opus-5' });
  const { outcome } = await runOne(agentTask());
  expect(outcome.raw_result).toContain(masked);
  expect(outcome.raw_result).not.toContain('claude-opus-5');
});
