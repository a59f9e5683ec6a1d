import { Command } from 'commander';
import { operatorCall } from '../operator-call.ts';
import { withServer } from '../server-session.ts';
import { homeOption } from './options.ts';

const EXAMPLES = `
Examples:
  longshore spot interrupt 1f0c6f6e4f6b4f4f9a5c0f1d2e3b4a59     SIGTERM now; the task ends as SpotInterruption`;

interface InterruptAnswer {
  readonly taskArn: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
}

export function spotCommand(): Command {
  const interrupt = new Command('interrupt')
    .description(
      'Take the Spot capacity of a task away, as AWS does with its two minutes of warning: to see that it copes.',
    )
    .argument('<task>', 'the id or the ARN of a task of the capacity provider FARGATE_SPOT')
    .addOption(homeOption())
    .option('--json', 'as one JSON document')
    .action((task: string, options: { readonly home?: string; readonly json?: boolean }) =>
      withServer(options, async (session) => {
        const path = `/_longshore/tasks/${encodeURIComponent(task)}/spot-interruption`;
        const answer = await operatorCall<InterruptAnswer>(session, { method: 'POST', path });
        process.stdout.write(options.json ? `${JSON.stringify(answer, null, 2)}\n` : formatInterruption(answer));
      }),
    );
  return new Command('spot').description('Tasks on FARGATE_SPOT.').addCommand(interrupt).addHelpText('after', EXAMPLES);
}

/** A task that was stopping already keeps its own reason. */
export function formatInterruption({ taskArn, stopCode, stoppedReason }: InterruptAnswer): string {
  return `${taskArn} stops (${stopCode ?? 'unknown'}): ${stoppedReason ?? ''}\n`;
}
