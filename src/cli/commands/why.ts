import { Command } from 'commander';
import { operatorCall } from '../operator-call.ts';
import { withServer } from '../server-session.ts';
import { formatTable } from '../table.ts';
import { homeOption } from './options.ts';

const EXAMPLES = `
Examples:
  longshore why 1f0c6f6e4f6b4f4f9a5c0f1d2e3b4a59
  longshore why arn:aws:ecs:us-east-1:123456789012:task/default/1f0c6f6e4f6b4f4f9a5c0f1d2e3b4a59
  longshore why TASK --json | jq .timeline
  longshore why SERVICE`;

/** What `GET /_longshore/tasks/TASK/timeline` answers. */
export interface TaskStoryAnswer {
  readonly taskArn: string;
  readonly taskDefinitionArn: string;
  readonly group: string;
  readonly capacityProviderName?: string;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly why: string;
  readonly containers: readonly {
    readonly name: string;
    readonly status: string;
    readonly health: string;
    readonly image: string;
    readonly exitCode?: number;
    readonly reason?: string;
    readonly restartCount?: number;
  }[];
  readonly timeline: readonly { readonly atMs: number; readonly text: string }[];
}

interface WhyOptions {
  readonly home?: string;
  readonly json?: boolean;
}

export function whyCommand(): Command {
  return new Command('why')
    .description(
      'Tell why a task or a service is as it is: its state, what is being done for it, and what has happened to it.',
    )
    .argument('<task|service>', 'the id or the ARN of a task, the name or the ARN of a service')
    .addOption(homeOption())
    .option('--json', 'as one JSON document')
    .addHelpText('after', EXAMPLES)
    .action((reference: string, options: WhyOptions) =>
      withServer(options, async (session) => {
        const ask = <T>(path: string) => operatorCall<T>(session, { method: 'GET', path: `/_longshore/${path}` });
        const name = encodeURIComponent(reference);
        const show = (story: object, text: string) => {
          process.stdout.write(options.json ? `${JSON.stringify(story, null, 2)}\n` : text);
        };
        if (!isTask(reference)) {
          const story = await ask<ServiceStoryAnswer>(`services/${name}/why`);
          show(story, formatServiceStory(story));
        } else {
          const story = await ask<TaskStoryAnswer>(`tasks/${name}/timeline`);
          show(story, formatStory(story));
        }
      }),
    );
}

/** A task has an id of 32 digits, which no one gives a service as its name. */
function isTask(reference: string): boolean {
  return reference.includes(':task/') || /^[0-9a-f]{32}$/.test(reference);
}

/** What `GET /_longshore/services/SERVICE/why` answers. */
export interface ServiceStoryAnswer {
  readonly serviceArn: string;
  readonly status: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly why: string;
  readonly instances: readonly { readonly arn: string; readonly reasons: readonly string[] }[];
  readonly events: readonly { readonly atMs: number; readonly text: string }[];
}

export function formatServiceStory(story: ServiceStoryAnswer): string {
  const { status, desiredCount, runningCount, pendingCount, why, instances } = story;
  const rows = instances.flatMap(({ arn, reasons }) => reasons.map((reason) => [arn.split('/').at(-1) ?? arn, reason]));
  const lines = [
    story.serviceArn,
    `${status}, wants ${desiredCount} tasks: ${runningCount} run, ${pendingCount} are on their way`,
    why,
    ...(rows.length > 0 ? ['', formatTable(['CONTAINER INSTANCE', 'REASON'], rows).trimEnd()] : []),
    '',
    ...story.events.map(({ atMs, text }) => `${new Date(atMs).toISOString()}  ${text}`),
  ];
  return `${lines.join('\n')}\n`;
}

export function formatStory(story: TaskStoryAnswer): string {
  const { lastStatus, desiredStatus, stopCode, stoppedReason, why } = story;
  const wanted = lastStatus === desiredStatus ? '' : `, wanted ${desiredStatus}`;
  const [, definition] = story.taskDefinitionArn.split('/');
  const containers = story.containers.map((one) => [
    one.name,
    one.status,
    one.health,
    one.exitCode === undefined ? '-' : String(one.exitCode),
    one.restartCount === undefined ? '-' : String(one.restartCount),
    one.reason ?? '',
  ]);
  const lines = [
    story.taskArn,
    `${definition} (${story.group})${story.capacityProviderName ? ` on ${story.capacityProviderName}` : ''}`,
    `${lastStatus}${wanted}: ${why}`,
    ...(stopCode === undefined ? [] : [`${stopCode}: ${stoppedReason ?? ''}`]),
    '',
    formatTable(['CONTAINER', 'STATUS', 'HEALTH', 'EXIT', 'RESTARTS', 'REASON'], containers).trimEnd(),
    '',
    ...story.timeline.map(({ atMs, text }) => `${new Date(atMs).toISOString()}  ${text}`),
  ];
  return `${lines.join('\n')}\n`;
}
