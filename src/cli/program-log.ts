import { pino } from 'pino';

/** The program's own log: JSON lines on stderr, so that stdout stays for people. */
export function createLogger(level: string) {
  return pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
}
