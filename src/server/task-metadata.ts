import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { Call } from '../api/context.ts';
import type { CallAs } from '../api/service.ts';
import type { Scope } from '../kernel/arn.ts';
import { ServiceError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { FindMetadata, MetadataTarget } from '../services/ecs/index.ts';
import { ECS_TASKS } from './execution-role.ts';

/** The whole body of a request about protection: some 60 bytes. */
const MAX_BODY_BYTES = 4096;

export interface MetadataAnswer {
  readonly status: number;
  readonly body: object;
}

/** Answers `/v3/ID...`, `/v4/ID...` and `/api/ID...`. */
export type AnswerMetadata = (req: IncomingMessage, path: string) => Promise<MetadataAnswer>;

type StatsRuntime = Pick<ContainerRuntime, 'stats' | 'inspect'>;

interface Parts {
  readonly find: FindMetadata;
  readonly engineOf: (instanceId: string | undefined) => StatsRuntime;
  readonly callIn: (scope: Scope, as?: CallAs) => Call;
  readonly ids: Ids;
}

/**
 * What a container learns of itself and its task, and the protection that a task gives itself.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-fargate.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
 */
export function taskMetadata(parts: Parts): AnswerMetadata {
  return async (req, path) => {
    const [, kind = '', id = '', ...rest] = path.split('/');
    const wanted = rest.join('/').replace(/\/$/, '');
    const target = await parts.find(id);
    if (!target)
      return notFound(`unable to get task arn from request: unable to get task Arn from v3 endpoint ID: ${id}`);
    if (kind === 'api') {
      return wanted === 'task-protection/v1/state' ? protection(req, target, parts) : notFound('404 page not found');
    }
    if (req.method !== 'GET') return { status: 405, body: { message: 'Only GET is allowed.' } };
    return metadata(wanted, kind === 'v3' ? 3 : 4, target, parts);
  };
}

async function metadata(
  wanted: string,
  version: 3 | 4,
  target: MetadataTarget,
  { engineOf }: Parts,
): Promise<MetadataAnswer> {
  const runtime = engineOf(target.instanceId);
  switch (wanted) {
    case '':
      return { status: 200, body: await target.container(version) };
    case 'task':
      return { status: 200, body: await target.task(version) };
    case 'taskWithTags':
      return { status: 200, body: await target.taskWithTags() };
    case 'stats': {
      const stats = target.runtimeId === undefined ? undefined : await statsOf(runtime, target.runtimeId);
      return stats ? { status: 200, body: stats } : notFound('container stats are not available');
    }
    case 'task/stats': {
      const all = Object.entries(target.runtimeIds).map(
        async ([id, runtimeId]) => [id, (await statsOf(runtime, runtimeId)) ?? null] as const,
      );
      return { status: 200, body: Object.fromEntries(await Promise.all(all)) };
    }
    default:
      return notFound('404 page not found');
  }
}

/** The engine knows nothing of the task's network: its counters come from the kernel. */
async function statsOf(runtime: StatsRuntime, runtimeId: string): Promise<object | undefined> {
  const [stats, state] = await Promise.all([runtime.stats(runtimeId), runtime.inspect(runtimeId)]);
  if (!stats || state?.pid === undefined) return stats;
  const text = await readFile(`/proc/${state.pid}/net/dev`, 'utf8').catch(() => '');
  return { ...stats, networks: interfaceCounters(text) };
}

/** `/proc/net/dev`: eight counters received, eight sent. https://man7.org/linux/man-pages/man5/proc_pid_net.5.html */
export function interfaceCounters(text: string): Readonly<Record<string, object>> {
  const found: Record<string, object> = {};
  for (const line of text.split('\n').slice(2)) {
    const [name = '', numbers = ''] = line.split(':').map((part) => part.trim());
    if (name === '' || name === 'lo') continue;
    const [rx_bytes, rx_packets, rx_errors, rx_dropped, , , , , tx_bytes, tx_packets, tx_errors, tx_dropped] = numbers
      .split(/\s+/)
      .map(Number);
    found[name] = { rx_bytes, rx_packets, rx_errors, rx_dropped, tx_bytes, tx_packets, tx_errors, tx_dropped };
  }
  return found;
}

/** Asked under the task's own role, as by the agent. */
async function protection(req: IncomingMessage, target: MetadataTarget, parts: Parts): Promise<MetadataAnswer> {
  const requestID = parts.ids.uuid();
  const failed = (status: number, Code: string, Message: string) => ({
    status,
    body: { requestID, error: { Arn: target.taskArn, Code, Message } },
  });
  if (target.taskRoleArn === undefined) {
    return failed(400, 'AccessDeniedException', 'Invalid Request: no task IAM role credentials available for the task');
  }
  const role = { arn: target.taskRoleArn, sessionName: target.taskId, service: ECS_TASKS };
  const call = parts.callIn(target, { role });
  const tasks = { cluster: target.clusterArn, tasks: [target.taskArn] };
  try {
    const wish = req.method === 'PUT' ? wishOf(await bodyOf(req)) : undefined;
    if (wish === 'invalid')
      return failed(400, 'InvalidParameterException', 'Invalid request: does not contain ProtectionEnabled field');
    if (wish === undefined && req.method !== 'GET')
      return failed(405, 'InvalidParameterException', 'Only GET and PUT are allowed.');
    const { protectedTasks = [], failures = [] } = wish
      ? await call('ecs', 'UpdateTaskProtection', { ...tasks, ...wish })
      : await call('ecs', 'GetTaskProtection', tasks);
    const [failure] = failures;
    if (failure) {
      const { arn: Arn, reason: Reason, detail: Detail } = failure;
      return {
        status: 200,
        body: { requestID, failure: { Arn, Reason, ...(Detail === undefined ? {} : { Detail }) } },
      };
    }
    return { status: 200, body: { requestID, protection: protectionView(target.taskArn, protectedTasks[0]) } };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return failed(error.httpStatus, error.code, error.message);
  }
}

function protectionView(
  taskArn: string,
  task: { readonly protectionEnabled?: boolean | undefined; readonly expirationDate?: Date | undefined } = {},
): object {
  const { protectionEnabled = false, expirationDate } = task;
  return {
    ProtectionEnabled: protectionEnabled,
    ExpirationDate: expirationDate?.toISOString().replace(/\.\d+Z$/, 'Z') ?? null,
    TaskArn: taskArn,
  };
}

interface Wish {
  readonly protectionEnabled: boolean;
  readonly expiresInMinutes?: number;
}

function wishOf(text: string): Wish | 'invalid' {
  try {
    const { ProtectionEnabled: enabled, ExpiresInMinutes: minutes } = JSON.parse(text) as Record<string, unknown>;
    if (typeof enabled !== 'boolean') return 'invalid';
    if (minutes === undefined || minutes === null) return { protectionEnabled: enabled };
    return typeof minutes === 'number' ? { protectionEnabled: enabled, expiresInMinutes: minutes } : 'invalid';
  } catch {
    return 'invalid';
  }
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += (chunk as Buffer).length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk as Buffer);
  }
  return size > MAX_BODY_BYTES ? '' : Buffer.concat(chunks).toString('utf8');
}

function notFound(message: string): MetadataAnswer {
  return { status: 404, body: { message } };
}
