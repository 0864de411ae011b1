import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Route, route } from '../api/route.ts';
import { AppError } from '../domain/errors.ts';

interface Asset {
  /** With a hash of the content: what is there never changes. */
  path: string;
  content: string;
  type: string;
}

function assetOf(file: string, type: string): Asset {
  const content = readFileSync(new URL(file, import.meta.url), 'utf8');
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { path: `/assets/${hash}-${file}`, content, type };
}

export const assets = {
  style: assetOf('style.css', 'text/css'),
  icon: assetOf('icon.svg', 'image/svg+xml'),
};

/** The style sheet and the icon. */
export function assetRoute(): Route {
  return route({
    method: 'get',
    path: '/assets/{name}',
    summary: 'The style sheet and the icon of the pages',
    scope: 'public',
    audience: 'people',
    params: z.object({ name: z.string() }),
    answers: { 200: { description: 'The file; it never changes', contentType: 'text/css' } },
    async handle({ request }, response) {
      const asset = Object.values(assets).find(({ path }) => path === request.path);
      if (!asset) throw new AppError('not_found', `there is no ${request.path}`);
      response.set({
        'Cache-Control': 'public, max-age=31536000, immutable',
        'X-Content-Type-Options': 'nosniff',
      });
      response.type(`${asset.type}; charset=utf-8`).send(asset.content);
      return undefined;
    },
  });
}
