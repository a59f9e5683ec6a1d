import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, type CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { downCommand } from './commands/down.ts';
import { envCommand } from './commands/env.ts';
import { execCommand } from './commands/exec.ts';
import { logsCommand } from './commands/logs.ts';
import { registryCommand } from './commands/registry.ts';
import { resetCommand } from './commands/reset.ts';
import { spotCommand } from './commands/spot.ts';
import { statusCommand } from './commands/status.ts';
import { policyCommand } from './commands/policy.ts';
import { trailCommand } from './commands/trail.ts';
import { upCommand } from './commands/up.ts';
import { usageCommand } from './commands/usage.ts';
import { userCommand } from './commands/user.ts';
import { whyCommand } from './commands/why.ts';

const USAGE_ERROR = 2;

const COMMANDS = [
  upCommand,
  downCommand,
  statusCommand,
  envCommand,
  logsCommand,
  userCommand,
  policyCommand,
  trailCommand,
  usageCommand,
  execCommand,
  registryCommand,
  whyCommand,
  spotCommand,
  doctorCommand,
  resetCommand,
  demoCommand,
];

function versionOfPackage(): string {
  const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function program(): Command {
  const longshore = new Command('longshore')
    .description("AWS's container services on machines you own.")
    .version(versionOfPackage())
    .showHelpAfterError('(add --help for what is possible)')
    .addHelpText(
      'after',
      `
Examples:
  longshore up --detach          start the server, and wait until it is ready
  eval "$(longshore env)"        let aws, docker and the SDKs talk to it
  aws ecs list-clusters
  longshore status               what runs
  longshore doctor               what this machine lacks, and how to mend it

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`,
    );
  for (const command of COMMANDS) longshore.addCommand(command());
  // Commander's own errors are about usage; asking for help is none.
  for (const command of withSubcommands(longshore)) {
    command.copyInheritedSettings(longshore).exitOverride((error: CommanderError) => {
      process.exit(error.exitCode === 0 ? 0 : USAGE_ERROR);
    });
  }
  return longshore;
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function report(error: unknown): number {
  if (error instanceof CliError) {
    process.stderr.write(`longshore: ${error.message}\n${error.hint ? `           ${error.hint}\n` : ''}`);
    return error.exitCode;
  }
  const connection = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
  process.stderr.write(
    connection
      ? 'longshore: the server does not answer\n           look at: longshore status\n'
      : `longshore: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
