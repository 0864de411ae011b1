import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { findChromium } from './find-chromium.ts';

const cacheDir = fileURLToPath(new URL('../../.cache/servers', import.meta.url));

/** A headless Chromium. @throws Error with what to run, where there is none */
export async function startChromium(): Promise<Browser> {
  const forbidden = process.env.ANDON_NO_INSTALL ?? '';
  const result = await findChromium({
    path: process.env.CHROMIUM_PATH,
    install: forbidden === '' || forbidden === '0',
    cacheDir,
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  if (!result.found) throw new Error(`${result.reason} Run: ${result.command}`);
  return chromium.launch({
    executablePath: result.path,
    env: { ...definedOf(process.env), ...result.env },
    // Root has no sandbox, and a closed network answers nothing that a browser asks for by itself.
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
  });
}

/** A Chromium for the tests of this file. `open` gives a page of a browser that was never here, until the test ends. */
export function useChromium(): { open(options?: BrowserContextOptions): Promise<Page> } {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await startChromium();
  }, 600_000);
  afterAll(async () => browser?.close());
  return {
    async open(options = {}) {
      if (!browser) throw new Error('Chromium has not started');
      // As the pages are meant: nothing on them needs a script.
      const context = await browser.newContext({ javaScriptEnabled: false, ...options });
      onTestFinished(() => context.close());
      return context.newPage();
    },
  };
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
