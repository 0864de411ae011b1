import type { AlertDeclaration } from '../alert-declaration.ts';
import { agentPipelineStalled } from './agent-pipeline-stalled.ts';
import { agentRepeatedFailures } from './agent-repeated-failures.ts';
import { agentTaskTimeouts } from './agent-task-timeouts.ts';

/** Every alert that Andon declares. One that is not here is stored when it comes, and never becomes a task. */
export const alertDeclarations: readonly AlertDeclaration[] = [
  agentPipelineStalled,
  agentRepeatedFailures,
  agentTaskTimeouts,
];

export function findAlertDeclaration(name: string): AlertDeclaration | undefined {
  return alertDeclarations.find((declaration) => declaration.name === name);
}
