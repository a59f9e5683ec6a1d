import { Command } from 'commander';
import type { ExecuteCommandResponse } from '@aws-sdk/client-ecs';
import { systemClock } from '../../kernel/clock.ts';
import { systemIds } from '../../kernel/ids.ts';
import { ClientChannel } from '../../sessions/client-channel.ts';
import { CliError } from '../cli-error.ts';
import { shQuoted } from '../environment.ts';
import { withServer } from '../server-session.ts';
import { homeOption, regionName } from './options.ts';

const EXAMPLES = `
Examples:
  longshore exec 0123456789abcdef0123456789abcdef          a shell in the task's container
  longshore exec 0123456789abcdef0123456789abcdef -c web -- ls -l /etc
  longshore exec 0123456789abcdef0123456789abcdef 'ls /etc | wc -l'

The task must have been run with --enable-execute-command, as for aws ecs execute-command.`;

interface ExecOptions {
  readonly home?: string;
  readonly region?: string;
  readonly cluster?: string;
  readonly container?: string;
}

export function execCommand(): Command {
  return new Command('exec')
    .description('Run a program in a container of a task, with a terminal: ECS Exec.')
    .argument('<task>', 'its id or ARN')
    .argument('[command...]', 'what to run (default: /bin/sh)')
    .option('--cluster <name>', "of that cluster (default: the task ARN's, or default)")
    .option('-c, --container <name>', 'in that container, where the task has several')
    .option('--region <name>', "of that region (default: the server's own)", regionName)
    .addOption(homeOption())
    .addHelpText('after', EXAMPLES)
    .action((task: string, words: readonly string[], options: ExecOptions) =>
      withServer(options, async ({ clients }) => {
        const { ExecuteCommandCommand } = await import('@aws-sdk/client-ecs');
        const cluster = options.cluster ?? /:task\/([^/]+)\/[^/]+$/.exec(task)?.[1];
        const opened = await clients.ecs.send(
          new ExecuteCommandCommand({
            task,
            command: shellLine(words),
            interactive: true,
            ...(cluster === undefined ? {} : { cluster }),
            ...(options.container === undefined ? {} : { container: options.container }),
          }),
        );
        process.exitCode = await attach(opened);
      }),
    );
}

/** One word is a line for the container's shell; of several each gets there as it is. Nothing is quoted that need not be. */
export function shellLine(words: readonly string[]): string {
  const [first = '/bin/sh', ...rest] = words;
  if (rest.length === 0) return first;
  const isPlain = (word: string, index: number) => /^[\w@%+=:,./-]+$/.test(word) && (index > 0 || !word.includes('='));
  return words.map((word, index) => (isPlain(word, index) ? word : shQuoted(word))).join(' ');
}

/** Joins this terminal to the session until it ends. Answers the program's exit code. */
async function attach({ session }: ExecuteCommandResponse): Promise<number> {
  const socket = new WebSocket(session?.streamUrl ?? '');
  socket.binaryType = 'arraybuffer';
  const { stdin, stdout } = process;
  const ended = Promise.withResolvers<number>();
  const channel = new ClientChannel({
    clock: systemClock,
    ids: systemIds,
    send: (bytes) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(new Uint8Array(bytes));
    },
    onOutput: (bytes) => void stdout.write(bytes),
    onReady: () => {
      // A terminal's own handling of keys would come twice.
      if (stdin.isTTY) stdin.setRawMode(true);
      resize();
      stdin.resume();
    },
    onClosed: ({ why, exitCode = 0 }) => (why === '' ? ended.resolve(exitCode) : ended.reject(new CliError(why))),
  });
  const resize = () => channel.resize(stdout.columns ?? 80, stdout.rows ?? 24);
  const onInput = (bytes: Buffer) => channel.input(bytes);
  // What a terminal sends for Ctrl-D: the program's input has no other end.
  const onInputEnd = () => channel.input(Buffer.from([4]));
  stdin.pause();
  stdin.on('data', onInput).on('end', onInputEnd);
  stdout.on('resize', resize);
  socket.addEventListener('open', () => socket.send(channel.opening(session?.tokenValue ?? '')));
  socket.addEventListener('message', ({ data }) => channel.receive(Buffer.from(data as ArrayBuffer)));
  socket.addEventListener('close', ({ reason }) =>
    ended.reject(new CliError(`The session's connection was lost${reason ? `: ${reason}` : ''}.`)),
  );
  socket.addEventListener('error', () => ended.reject(new CliError("The session's connection failed.")));
  try {
    return await ended.promise;
  } finally {
    stdin.off('data', onInput).off('end', onInputEnd);
    stdout.off('resize', resize);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
    socket.close();
  }
}
