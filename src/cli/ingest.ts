import { Command } from 'commander';
import { numberOption, secondsOption } from './number-option.ts';
import { type ReportingOptions, withReportingOptions } from './reporting-options.ts';
import { timeOption } from './time-option.ts';

export interface IngestOptions extends ReportingOptions {
  duration?: number;
  createdAt?: string;
  exitCode: number;
  spooled?: boolean;
}

export function ingestCommand(): Command {
  const command = new Command('ingest')
    .description('Record runs from files: an agent CLI’s saved output, or ready records')
    .argument('[file...]', 'the files; - for stdin');
  return withReportingOptions(command)
    .option('--duration <seconds>', 'how long it ran; as the result tells, unless said', secondsOption)
    .option('--created-at <time>', 'when it ended; now, unless said', timeOption)
    .option('--exit-code <number>', 'what the CLI exited with', numberOption, 0)
    .option('--spooled', 'deliver what waits in the spool')
    .action(async (files: string[], options: IngestOptions) => {
      const { ingestFiles } = await import('./ingest-files.ts');
      await ingestFiles(files, options);
    });
}
