import { expect, test } from 'vitest';
import { alertAbout, deliver } from '../api/alert-payload.ts';
import { type ServiceUnderTest, serviceUnderTest } from '../service-under-test.ts';
import { createServiceAgain } from './service-again.ts';
import { visitor } from './signed-in.ts';

async function withProposal() {
  const service = await serviceUnderTest();
  await deliver(service, [alertAbout('shop')]);
  const [item] = (await service.store.improvements.list({ limit: 1 })).items;
  return {
    service,
    path: `/improvements/${item?.id}/approve`,
    state: async () => (await service.store.improvements.find(item?.id ?? ''))?.state,
  };
}

test('a forged form does nothing: other origins, no origin, no token, another’s token, another type', async () => {
  const { service, path, state } = await withProposal();
  const admin = await visitor(service, service.adminToken);
  const other = await visitor(service, service.adminToken);
  const { port } = new URL(service.url);
  const refused = [
    await admin.post(path, {}, { origin: 'https://evil.example' }),
    await admin.post(path, {}, { origin: 'null' }),
    await admin.post(path, {}, { origin: '' }),
    // Another server of this machine: the API takes its JSON, and a cookie does not tell it from us.
    await admin.post(path, {}, { origin: `http://127.0.0.1:${Number(port) + 1}` }),
    await admin.post(path, {}, { host: 'evil.example', origin: 'http://evil.example' }),
    await admin.post(path, { form_token: '' }),
    await admin.post(path, { form_token: other.formToken }),
    await admin.post(path, {}, { cookie: '' }),
    await admin.post(path, {}, { cookie: admin.cookies.map((pair) => `${pair}x`).join('; ') }),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403));
  expect((await admin.post(path, {}, { 'content-type': 'text/plain' })).status).toBe(415);
  expect(await state()).toBe('proposed');
  expect((await admin.post(path, { direction: 'Mend it.', priority: '1' })).status).toBe(303);
  expect(await state()).toBe('scheduled');
});

test('a session opens nothing of the API', async () => {
  const { service, path } = await withProposal();
  const admin = await visitor(service, service.adminToken);
  const cookie = admin.cookies.join('; ');
  const json = { cookie, origin: service.url };
  expect((await service.send('POST', `/api/agent${path}`, {}, { headers: json })).status).toBe(401);
  const form = await fetch(`${service.url}/api/agent${path}`, {
    method: 'POST',
    headers: json,
    body: new URLSearchParams({ form_token: admin.formToken }),
  });
  expect(form.status).toBe(415);
});

test('what changes anything takes the right that the API asks for', async () => {
  const reader = 'reader-token-0123456789';
  const service = await serviceUnderTest({
    service: { tokens: [{ name: 'ann', token: reader, scopes: ['read'] }] },
  });
  await deliver(service, [alertAbout('shop')]);
  await service.send(
    'POST',
    '/api/agent/tasks',
    { id: 't1', direction: 'x', task_type: 'impl' },
    { admin: true },
  );
  const [item] = (await service.store.improvements.list({ limit: 1 })).items;
  const ann = await visitor(service, reader);
  expect((await ann.post(`/improvements/${item?.id}/approve`, {})).status).toBe(403);
  expect((await ann.post(`/improvements/${item?.id}/reject`, {})).status).toBe(403);
  expect((await ann.post('/tasks/t1/cancel', {})).status).toBe(403);
  const nobody = await visitor(service);
  expect((await nobody.post('/tasks/t1/cancel', {})).status).toBe(401);
  expect((await service.store.tasks.find('t1'))?.status).toBe('pending');
});

test('the cookie is kept from scripts and other sites, holds no token, and is for https alone where that is spoken', async () => {
  const service = await serviceUnderTest({ service: { public_url: 'https://andon.example' } });
  const { formToken, cookies, post } = await visitor(service);
  const here = await post('/sign-in', { token: service.adminToken });
  const session = (response: Response) =>
    response.headers.getSetCookie().find((line) => !line.includes('-said=')) ?? '';
  expect(session(here)).toMatch(
    /^andon-[0-9a-f]{8}=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
  );
  const proxied = await fetch(`${service.url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: 'https://andon.example', cookie: cookies.join('; ') },
    body: new URLSearchParams({ form_token: formToken, token: service.adminToken }),
  });
  expect(session(proxied)).toMatch(/; Secure$/);
  const value = session(here).split(/[=;]/)[1] ?? '';
  const readable = value
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString())
    .join(' ');
  expect(readable).toContain('"name":"admin"');
  expect(readable).not.toContain(service.adminToken);
});

test('a session ends: with its time, with sign-out, and with its token', async () => {
  let now = Date.parse('2026-03-02T09:00:00Z');
  const settings = { service: { session_seconds: 3600 } };
  const service = await serviceUnderTest(settings, () => now);
  const signedIn = async (cookies: readonly string[], { url }: { url: string } = service) => {
    const page = await fetch(url, { headers: { accept: 'text/html', cookie: cookies.join('; ') } });
    return (await page.text()).includes('Signed in as');
  };
  const one = await visitor(service, service.adminToken);
  const before = one.cookies;
  expect(await signedIn(before)).toBe(true);
  expect((await one.post('/sign-out', {})).status).toBe(303);
  expect(await signedIn(one.cookies)).toBe(false);
  // Nor with a copy of the cookie.
  expect(await signedIn(before)).toBe(false);

  const two = await visitor(service, service.adminToken);
  const restarted = await createServiceAgain(service, settings, () => now);
  expect(await signedIn(two.cookies, restarted)).toBe(true);
  const renewed = await createServiceAgain(service, settings, () => now, 'another-admin-token-9876');
  expect(await signedIn(two.cookies, renewed)).toBe(false);

  const three = await visitor(renewed, 'another-admin-token-9876');
  expect(await signedIn(three.cookies, renewed)).toBe(true);
  now += 3601_000;
  expect(await signedIn(three.cookies, renewed)).toBe(false);
  const late = await three.post('/tasks/t1/decision', { decision: 'Take thirty days, as was promised.' });
  expect(late.status).toBe(403);
  expect(await late.text()).toMatch(/your session is over[\s\S]*Take thirty days, as was promised\./i);
});

test('after the sign-in one is where one wanted to go, and never elsewhere', async () => {
  const service = await serviceUnderTest();
  const { post } = await visitor(service);
  const to = async (next: string) =>
    (await post('/sign-in', { token: service.adminToken, next })).headers.get('location');
  expect(await to('/tasks?status=failed')).toBe('./tasks?status=failed');
  for (const next of [
    'https://evil.example',
    '//evil.example/x',
    '/\\evil.example',
    'javascript:alert(1)',
    '/../..//evil.example',
    '\t//evil.example',
  ]) {
    const location = await to(next);
    expect(new URL(location ?? '', `${service.url}/sign-in`).origin, next).toBe(service.url);
  }
});

test('who guesses tokens has to wait, and others need not', async () => {
  let now = Date.parse('2026-03-02T09:00:00Z');
  const service = await serviceUnderTest({}, () => now);
  const { post } = await visitor(service);
  const guess = async (token: string) => {
    const response = await post('/sign-in', { token });
    if (response.status === 303) return 'in';
    return `${response.status} ${/Too many|not known/.exec(await response.text())?.[0]}`;
  };
  for (let i = 0; i < 10; i++) expect(await guess(`guess-${i}`)).toBe('400 not known');
  expect(await guess(service.adminToken)).toBe('429 Too many');
  now += 10_000;
  expect(await guess('guess-10')).toBe('400 not known');
  expect(await guess(service.adminToken)).toBe('429 Too many');
  now += 10_000;
  expect(await guess(service.adminToken)).toBe('in');
});

test('what cannot be read, or was emptied, is told on a page and does nothing', async () => {
  const { service, path, state } = await withProposal();
  const admin = await visitor(service, service.adminToken);
  const emptied = await admin.post(path, { direction: '', priority: '1' });
  expect([emptied.status, await emptied.text()]).toEqual([
    400,
    expect.stringContaining('Direction must say what is to be done'),
  ]);
  const send = (body: Buffer | string) =>
    fetch(service.url + path, {
      method: 'POST',
      body: Buffer.from(body),
      headers: {
        origin: service.url,
        cookie: admin.cookies.join('; '),
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
  const bodies = [
    Buffer.from([0x61, 0x3d, 0xff]),
    `direction=${'x'.repeat(1_100_000)}`,
    '%',
    '__proto__=1&constructor=2',
  ];
  for (const body of bodies) {
    const reply = await send(body);
    expect([400, 403, 413], String(body).slice(0, 20)).toContain(reply.status);
    expect(await reply.text()).toMatch(/^<!doctype html>[\s\S]*<h1>/);
  }
  expect(await state()).toBe('proposed');
});

test('sent twice, a form does its work once and says so', async () => {
  const { service, path } = await withProposal();
  const admin = await visitor(service, service.adminToken);
  const fields = { direction: 'Mend it.', priority: '1' };
  const replies = await Promise.all([admin.post(path, fields), admin.post(path, fields)]);
  expect(replies.map(({ status }) => status).sort()).toEqual([303, 409]);
  expect((await service.store.tasks.list({ limit: 10 })).items).toHaveLength(1);
});

test('without a token, what needs one leads to the sign-in and back', async () => {
  const service: ServiceUnderTest = await serviceUnderTest({
    service: { tokens: [{ name: 'ann', token: 'reader-token-0123456789', scopes: ['read'] }] },
  });
  const reply = await fetch(`${service.url}/tasks/t1?a=b`, { redirect: 'manual' });
  expect([reply.status, reply.headers.get('location')]).toEqual([
    303,
    '../sign-in?next=%2Ftasks%2Ft1%3Fa%3Db',
  ]);
  expect((await fetch(service.url, { redirect: 'manual', headers: { accept: 'text/html' } })).status).toBe(
    303,
  );
  expect((await service.get('/api/agent/tasks')).status).toBe(401);
});

test('the link to sign in leads back to the page with its filters, also from a form that failed', async () => {
  const service = await serviceUnderTest();
  await service.send(
    'POST',
    '/api/agent/tasks',
    { id: 't1', direction: 'x', task_type: 'impl' },
    { admin: true },
  );
  const wanted = async (reply: Response) => {
    const [, link = ''] = /href="([^"]*sign-in[^"]*)"/.exec(await reply.text()) ?? [];
    return new URL(link.replaceAll('&amp;', '&'), reply.url).searchParams.get('next') ?? '/';
  };
  const headers = { accept: 'text/html' };
  const filtered = '/improvements?alert_fingerprint=0123456789abcdef&state=proposed';
  expect(await wanted(await fetch(service.url + filtered, { headers }))).toBe(filtered);
  const nobody = await visitor(service);
  const failed = await nobody.post('/tasks/t1/verdict', { verdict: 'accepted' });
  expect(failed.status).toBe(409);
  const next = await wanted(failed);
  expect((await fetch(service.url + next, { headers })).status, next).toBe(200);
});

test('signing out without having signed in leaves nothing behind in the service', async () => {
  const nobody = await visitor(await serviceUnderTest());
  const before = { cookie: nobody.cookies.join('; ') };
  expect((await nobody.post('/sign-out', {}, before)).status).toBe(303);
  // What was remembered as ended would be refused.
  expect((await nobody.post('/sign-out', {}, before)).status).toBe(303);
});
