import { createServer } from 'node:net';
import { AppError } from '../domain/errors.ts';

const tries = 100;

/**
 * The wanted port if it is free on 127.0.0.1, else the next one that is; any free one for 0. The port is not
 * kept: whoever listens on it next may still find it taken.
 * @throws AppError `unavailable` if none of a hundred is free
 */
export async function freePort(wanted: number): Promise<number> {
  const last = Math.min(wanted + tries - 1, 65_535);
  for (let port = wanted; port <= last; port += 1) {
    const found = await tryPort(port);
    if (found !== undefined) return found;
  }
  throw new AppError('unavailable', `no port is free on 127.0.0.1 from ${wanted} to ${last}`);
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
