import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../../kernel/clock.ts';
import type { LogsOptions } from '../logs/print-logs.ts';
import { withServer } from '../server-session.ts';
import { homeOption, regionName, wholeNumber } from './options.ts';

const EXAMPLES = `
Examples:
  longshore logs web                         what the tasks of the service web have printed
  longshore logs -f web --cluster blue       and what they print from now on, new tasks too, until Ctrl-C
  longshore logs -f 0123456789abcdef0123456789abcdef --tail 20
  longshore logs web --container app --since 10m`;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

export function logsCommand(): Command {
  return new Command('logs')
    .description('Print what the containers of a task or of a service have printed, by time.')
    .argument('<task|service>', 'id or ARN of a task, or name or ARN of a service')
    .option('-f, --follow', 'go on until the task has stopped; with a service until Ctrl-C')
    .option('--cluster <name>', 'its cluster', 'default')
    .option('--container <name>', 'of that container only')
    .option('--since <time>', 'not what is older: 30s, 10m, 2h, 1d, or 2026-01-31T12:00:00Z', pastTime)
    .option('--tail <count>', 'of what there is, the last lines only', wholeNumber)
    .option('--region <name>', "of that region (default: the server's own)", regionName)
    .addOption(homeOption())
    .addHelpText('after', EXAMPLES)
    .action((target: string, options: LogsOptions) =>
      withServer(options, async (session) => {
        const { printLogs } = await import('../logs/print-logs.ts');
        await printLogs(session.clients, target, options);
      }),
    );
}

function pastTime(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const ms = count === '' ? Date.parse(text) : systemClock.now() - Number(count) * (UNIT_MS[unit] ?? 0);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It takes a time, e.g. 10m or 2026-01-31T12:00:00Z.');
  return ms;
}
