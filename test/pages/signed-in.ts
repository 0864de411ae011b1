import type { Page } from 'playwright-core';
import type { ServiceUnderTest } from '../service-under-test.ts';

/** Signs in as a person does. */
export async function signIn(
  page: Page,
  { url, adminToken }: ServiceUnderTest,
  token = adminToken,
): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await submitToken(page, token);
}

export async function submitToken(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** What a browser keeps between two requests, for tests of what no browser would send. */
export interface Visitor {
  cookies: string[];
  formToken: string;
  /** Sends a form as our own page would, but for what is said. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
}

/** Somebody who has loaded the sign-in page, and has signed in with this token if one is given. */
export async function visitor({ url }: ServiceUnderTest, token?: string): Promise<Visitor> {
  const jar = new Map<string, string>();
  const keep = (response: Response) => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      jar.set(name, value);
    }
    return response;
  };
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const formTokenOf = async (path: string) => {
    const page = keep(await fetch(url + path, { headers: { cookie: cookie(), accept: 'text/html' } }));
    return /name="form_token" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  };
  const self: Visitor = {
    get cookies() {
      return [...jar].map(([name, value]) => `${name}=${value}`);
    },
    formToken: await formTokenOf('/sign-in'),
    post: async (path, fields, headers = {}) =>
      keep(
        await fetch(url + path, {
          method: 'POST',
          redirect: 'manual',
          headers: { origin: url, cookie: cookie(), ...headers },
          body: new URLSearchParams({ form_token: self.formToken, ...fields }),
        }),
      ),
  };
  if (token !== undefined) {
    await self.post('/sign-in', { token });
    self.formToken = await formTokenOf('/sign-in');
  }
  return self;
}
