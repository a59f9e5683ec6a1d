import { Command, InvalidArgumentError } from 'commander';
import { operatorCall } from '../operator-call.ts';
import { withServer } from '../server-session.ts';
import { homeOption } from './options.ts';

const EXAMPLES = `
Examples:
  longshore spot interrupt 1f0c6f6e4f6b4f4f9a5c0f1d2e3b4a59     SIGTERM now; the task ends as SpotInterruption
  longshore spot interrupt i-0a1b2c3d4e5f60718                  two minutes' notice in its metadata, then it goes
  longshore spot interrupt i-0a1b2c3d4e5f60718 --notice 10      the same, in ten seconds`;

interface TaskAnswer {
  readonly taskArn: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
}

interface InstanceAnswer {
  readonly instanceId: string;
  readonly action: 'terminate' | 'stop';
  readonly time: string;
}

interface InterruptOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly notice?: string;
}

export function spotCommand(): Command {
  const interrupt = new Command('interrupt')
    .description(
      'Take the Spot capacity of a task or an instance away, as AWS does with its two minutes of warning: to see that it copes.',
    )
    .argument('<task or instance>', 'the id or the ARN of a task of FARGATE_SPOT, or of a Spot Instance')
    .addOption(homeOption())
    .option('--notice <seconds>', 'how long an instance has from the notice on (default: 120)', wholeSeconds)
    .option('--json', 'as one JSON document')
    .action((reference: string, options: InterruptOptions) =>
      withServer(options, async (session) => {
        const path = interruptionPath(reference, options.notice);
        const answer = await operatorCall<TaskAnswer | InstanceAnswer>(session, { method: 'POST', path });
        process.stdout.write(options.json ? `${JSON.stringify(answer, null, 2)}\n` : formatInterruption(answer));
      }),
    );
  return new Command('spot')
    .description('Tasks on FARGATE_SPOT, and Spot Instances.')
    .addCommand(interrupt)
    .addHelpText('after', EXAMPLES);
}

export function interruptionPath(reference: string, notice?: string): string {
  const isInstance = /^(?:arn:aws:ec2:.*:instance\/)?i-/.test(reference);
  const seconds = isInstance && notice !== undefined ? `/${notice}` : '';
  return `/_longshore/${isInstance ? 'instances' : 'tasks'}/${encodeURIComponent(reference)}/spot-interruption${seconds}`;
}

function wholeSeconds(text: string): string {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('It is a number of seconds.');
  return text;
}

/** A task that was stopping already keeps its own reason, an instance with its notice the time of that. */
export function formatInterruption(answer: TaskAnswer | InstanceAnswer): string {
  if ('instanceId' in answer) return `${answer.instanceId} has its notice: ${answer.action} at ${answer.time}\n`;
  const { taskArn, stopCode, stoppedReason } = answer;
  return `${taskArn} stops (${stopCode ?? 'unknown'}): ${stoppedReason ?? ''}\n`;
}
