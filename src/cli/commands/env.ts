import { Command, Option } from 'commander';
import { SHELLS, type Shell, awsEnvironment, formatEnvironment } from '../environment.ts';
import { homeAt, readCredentials } from '../home.ts';
import { requireServer } from '../server-process.ts';
import { homeOption } from './options.ts';

const EXAMPLES = `
Examples:
  eval "$(longshore env)"
  longshore env --shell fish | source
  longshore env --shell json`;

export function envCommand(): Command {
  return new Command('env')
    .description('Print the variables that point AWS clients at the server.')
    .addOption(homeOption())
    .addOption(new Option('--shell <shell>', 'the form to print').choices(SHELLS).default('sh'))
    .addHelpText('after', EXAMPLES)
    .action((options: { home?: string; shell: Shell }) => {
      const home = homeAt(options.home);
      const variables = awsEnvironment(requireServer(home), readCredentials(home));
      process.stdout.write(`${formatEnvironment(variables, options.shell)}\n`);
    });
}
