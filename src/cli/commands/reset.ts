import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { systemClock } from '../../kernel/clock.ts';
import { CliError } from '../cli-error.ts';
import { type Home, homeAt } from '../home.ts';
import { stopServer } from '../server-process.ts';
import { resetHome } from '../server-reset.ts';
import { homeOption } from './options.ts';

const EXAMPLES = `
Examples:
  longshore reset
  longshore reset --yes --home /srv/longshore`;

export function resetCommand(): Command {
  return new Command('reset')
    .description('Remove everything: tasks, networks, load balancers, images in the registry, the data folder.')
    .addOption(homeOption())
    .option('-y, --yes', 'do not ask')
    .option('--docker <url>', "the engine's socket (default: that of the last start)")
    .addHelpText('after', EXAMPLES)
    .action(reset);
}

async function reset(options: { home?: string; yes?: boolean; docker?: string }): Promise<void> {
  const home = homeAt(options.home);
  if (!existsSync(home.path)) {
    process.stdout.write(`Nothing to remove: there is no ${home.path}.\n`);
    return;
  }
  if (!options.yes && !(await isConfirmed(home))) throw new CliError('nothing was removed');
  await stopServer(home, systemClock);
  await resetHome(home, (line) => process.stdout.write(`${line}\n`), options.docker);
  process.stdout.write(`Everything of ${home.path} is removed.\n`);
}

async function isConfirmed(home: Home): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CliError('this removes everything', { hint: 'say so: longshore reset --yes' });
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(
      `Remove every task, network, load balancer, image and file of ${home.path}? [y/N] `,
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
