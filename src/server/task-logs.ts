import type { Call } from '../api/context.ts';
import type { LogDestination, LogSink } from '../executor/executor.ts';
import type { CallAs } from '../api/service.ts';
import { formatArn } from '../kernel/arn.ts';
import type { Scope } from '../kernel/arn.ts';
import { ServiceError } from '../kernel/errors.ts';
import { underExecutionRole } from './execution-role.ts';
import { isCut, logRequests } from './log-requests.ts';

/** Stored lines that one look at the end of a stream brings. */
const TAIL = 1000;

/** awslogs: containers' lines go into CloudWatch Logs through the same API as anybody's. */
export function taskLogs(callIn: (scope: Scope, as?: CallAs) => Call): LogSink {
  const callFor = (destination: LogDestination) => callIn(destination, underExecutionRole(destination.role));
  return {
    async open(destination) {
      const call = callFor(destination);
      const { group: logGroupName, stream: logStreamName } = destination;
      if (destination.createGroup) await unlessExists(call('logs', 'CreateLogGroup', { logGroupName }));
      await unlessExists(call('logs', 'CreateLogStream', { logGroupName, logStreamName }));
    },
    async append(destination, events) {
      for (const request of logRequests(events)) {
        await callFor(destination)('logs', 'PutLogEvents', {
          logGroupName: destination.group,
          logStreamName: destination.stream,
          logEvents: request.map((event) => ({ timestamp: event.timeMs, message: event.message })),
        });
      }
    },
    // Where to go on is our own question, which no execution role has permission to ask.
    position: (destination) => positionOf(callIn(destination, { sourceArn: groupArn(destination) }), destination),
  };
}

function groupArn({ account, region, group }: LogDestination): string {
  return formatArn('logs', { account, region }, `log-group:${group}`);
}

async function unlessExists(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'ResourceAlreadyExistsException')) throw error;
  }
}

async function positionOf(call: Call, destination: LogDestination): ReturnType<LogSink['position']> {
  const { events = [] } = await call('logs', 'GetLogEvents', {
    logGroupName: destination.group,
    logStreamName: destination.stream,
    limit: TAIL,
  });
  const timeMs = events.at(-1)?.timestamp;
  if (timeMs === undefined) return undefined;
  const last = events.filter((event) => event.timestamp === timeMs).map((event) => event.message ?? '');
  const lines = destination.multiline
    ? last.reduce((sum, message) => sum + message.split('\n').length - 1, 0)
    : last.filter((message) => !isCut(message)).length;
  return { timeMs, linesAtTime: lines };
}
