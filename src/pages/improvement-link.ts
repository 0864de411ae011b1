import type { Visit } from './visit.ts';

export function improvementPath({ to }: Visit, id: string): string {
  return to(`/improvements/${encodeURIComponent(id)}`);
}
