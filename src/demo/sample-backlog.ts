import type { TaskRequest } from '../domain/task.ts';

/** Keeps the demo's tasks from runners that offer other tags. One that offers none takes every task. */
export const demoTag = 'demo';

type SampleTask = Pick<TaskRequest, 'direction' | 'task_type' | 'context'>;

function sample(task_type: string, direction: string, command: string, prompt_variant?: string): SampleTask {
  return { task_type, direction, context: { command, ...(prompt_variant ? { prompt_variant } : {}) } };
}

const thinking = (seconds: number) => `sleep ${seconds}`;

/** Work that goes well. Shell commands stand in for an agent: they really run, in the scratch repository. */
export const goodTasks: SampleTask[] = [
  sample(
    'spec',
    'Specify a discount column',
    `${thinking(0.8)}; mkdir -p specs; echo '# Discounts' > specs/discounts.md`,
  ),
  sample(
    'spec',
    'Specify opening hours',
    `${thinking(0.6)}; mkdir -p specs; echo '# Hours' > specs/hours.md`,
  ),
  sample(
    'impl',
    'Count the products',
    `${thinking(1.2)}; grep -c , prices.csv > products.txt; cat products.txt`,
    'terse',
  ),
  sample(
    'impl',
    'Find the dearest product',
    `${thinking(0.9)}; sort -t, -k2 -n prices.csv | tail -1`,
    'terse',
  ),
  sample('impl', 'List the products by name', `${thinking(1.4)}; sort prices.csv`, 'verbose'),
  sample(
    'impl',
    'Write the shop sign',
    `${thinking(0.5)}; head -1 README.md > sign.txt; cat sign.txt`,
    'verbose',
  ),
  sample('test', 'Check the price list', `${thinking(0.7)}; sh checks/prices.sh`),
  sample('test', 'Check that the README has a title', `${thinking(0.4)}; grep '^# ' README.md`),
  sample('review', 'Review the history', `${thinking(1.0)}; git log --oneline`),
  sample('review', 'Review the tree', `${thinking(0.6)}; git ls-files`),
];

/** Work that needs the price list, and fails while it is broken. */
export const dependentTasks: SampleTask[] = [
  'tea prices',
  'coffee prices',
  'scone prices',
  'jam prices',
  'rounding',
].map((subject) => sample('test', `Test the ${subject}`, `${thinking(0.3)}; sh checks/prices.sh`));
