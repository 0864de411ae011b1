import type { Response } from 'express';
import { assets } from './assets.ts';
import { flashes } from './flash.ts';
import { type Html, html, trustedHtml } from './html.ts';
import type { Page } from './page-route.ts';
import { signInPath, type Visit } from './visit.ts';

/** Nothing but our style sheet, our icon and forms to us; nobody's frame. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** What every answer to a browser has. */
export function setPageHeaders(response: Response): void {
  response.set({
    'Content-Security-Policy': contentSecurityPolicy,
    'X-Content-Type-Options': 'nosniff',
    // Not `no-referrer`: the Origin of our own forms would be `null` then.
    'Referrer-Policy': 'same-origin',
    'Cache-Control': 'no-store',
    Vary: 'Accept, Cookie',
  });
}

/** The whole document around a page. */
export function documentOf(visit: Visit, { title, body }: Page): Html {
  return html`${trustedHtml('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Andon</title>
<link rel="stylesheet" href="${visit.to(assets.style.path)}">
<link rel="icon" type="image/svg+xml" href="${visit.to(assets.icon.path)}">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<a class="brand" href="${visit.to('/')}"><img src="${visit.to(assets.icon.path)}" alt="" width="24" height="24">Andon</a>
<nav aria-label="Pages">${links(visit)}</nav>
${account(visit)}
</header>
<main id="main" tabindex="-1">
${visit.flash && html`<p class="notice good" role="status"><span aria-hidden="true">✓</span> ${flashes[visit.flash]}</p>`}
${body}
</main>
</body>
</html>
`;
}

const places = [
  ['/', 'Overview'],
  ['/tasks', 'Tasks'],
  ['/improvements', 'Improvements'],
] as const;

function links({ path, to, site }: Visit): Html {
  const here = `/${path.split('/')[1] ?? ''}`;
  return html`<ul>${places.map(
    ([place, name]) =>
      html`<li><a href="${to(place)}"${place === here && trustedHtml(' aria-current="page"')}>${name}</a></li>`,
  )}${site.grafanaUrl && html`<li><a href="${site.grafanaUrl}">Grafana</a></li>`}</ul>`;
}

/** Who is signed in, and the way in and out. */
function account(visit: Visit): Html {
  const { signedIn, path, here, to } = visit;
  if (signedIn !== undefined) {
    return html`<form class="account" method="post" action="${to('/sign-out')}">
<input type="hidden" name="form_token" value="${visit.formToken()}">
<span>Signed in as <strong>${signedIn}</strong></span> <button>Sign out</button></form>`;
  }
  if (path === '/sign-in') return html``;
  return html`<p class="account"><a href="${signInPath(visit, here)}">Sign in</a></p>`;
}
