import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * Whether this process listens on this port of 127.0.0.1, or another one does. Undefined where the system does not say
 * so under /proc.
 */
export async function listensOn(pid: number, port: number): Promise<boolean | undefined> {
  try {
    const sockets = socketsOf(await readFile('/proc/net/tcp', 'utf8'), port);
    const folder = `/proc/${pid}/fd`;
    const links = (await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => ''));
    return (await Promise.all(links)).some((link) => sockets.includes(link));
  } catch {
    return undefined;
  }
}

/** The sockets that listen on the port, as the links of a process name them. */
function socketsOf(table: string, port: number): string[] {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const listening = '0A';
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local === address && state === listening)
    .map((fields) => `socket:[${fields[9]}]`);
}
