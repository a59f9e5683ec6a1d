import { Command } from 'commander';
import { systemClock } from '../../kernel/clock.ts';
import { homeAt } from '../home.ts';
import { stopServer } from '../server-process.ts';
import { homeOption } from './options.ts';

const NOTES = `
Tasks and load balancers go on; the next \`longshore up\` finds them again. To remove everything: longshore reset.`;

export function downCommand(): Command {
  return new Command('down')
    .description('Stop the server; what it runs goes on.')
    .addOption(homeOption())
    .addHelpText('after', NOTES)
    .action(async (options: { home?: string }) => {
      const home = homeAt(options.home);
      const result = await stopServer(home, systemClock);
      process.stdout.write(result === 'stopped' ? 'Longshore is down.\n' : `No server runs for ${home.path}.\n`);
    });
}
