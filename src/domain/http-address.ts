import { z } from 'zod';

/** Where a link or a call may lead. Without `http://`, `localhost:8000` would be an address of the scheme `localhost`. */
export const httpAddress = z.url({
  protocol: /^https?$/,
  error: 'must be an address that begins with http:// or https://',
});
