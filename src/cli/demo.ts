import { Command } from 'commander';
import type { DemoOptions } from '../demo/demo.ts';

export function demoCommand(): Command {
  return new Command('demo')
    .description('Go once round the loop with sample tasks, on real servers, in a scratch folder')
    .option('--once', 'end when the loop has closed; exit 1 if it has not')
    .option('--json', 'print the summary as one line of JSON, and the story on stderr')
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('../demo/demo.ts');
      await runDemo(options);
    });
}
