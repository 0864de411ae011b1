import type { ImprovementState } from '../domain/improvement-state.ts';
import type { TaskStatus } from '../domain/task.ts';
import { type Html, html } from './html.ts';

type Tone = 'good' | 'bad' | 'warn' | 'live' | 'calm';

/** Each state has a sign and a word of its own: the colour only repeats them. */
const states: Record<TaskStatus | ImprovementState, [tone: Tone, sign: string, word?: string]> = {
  pending: ['calm', '○'],
  running: ['live', '▶'],
  completed: ['good', '✓'],
  failed: ['bad', '✗'],
  needs_decision: ['warn', '?', 'needs decision'],
  cancelled: ['calm', '–'],
  proposed: ['warn', '?'],
  approved: ['live', '▶'],
  scheduled: ['live', '▶'],
  done: ['good', '✓'],
  verified: ['good', '✓'],
  rejected: ['bad', '✗'],
  expired: ['calm', '–'],
  withdrawn: ['calm', '–'],
};

export function stateBadge(state: TaskStatus | ImprovementState): Html {
  const [tone, sign, word = state] = states[state];
  return badge(tone, sign, word);
}

export function severityBadge(severity = 'none'): Html {
  const [tone, sign] = severity === 'critical' ? (['bad', '▲'] as const) : (['warn', '△'] as const);
  return badge(tone, sign, severity);
}

function badge(tone: Tone, sign: string, word: string): Html {
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}
