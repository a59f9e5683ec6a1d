import type { Authenticate } from '../gateway/authentication.ts';
import type { Authorizer } from '../gateway/authorizer.ts';
import { json } from '../gateway/http-server.ts';
import type { HttpRoutes } from '../gateway/http-server.ts';
import type { Clock } from '../kernel/clock.ts';
import { ServiceError } from '../kernel/errors.ts';
import { findTask, interruptSpotTask, taskStory } from '../services/ecs/index.ts';
import type { Store } from '../store/store.ts';
import { splitTarget } from '../wire/raw-request.ts';
import type { RawRequest, RawResponse } from '../wire/raw-request.ts';
import { decodedReference } from './operator-path.ts';

const PATH = /^\/_longshore\/tasks\/([^/]+)\/(timeline|spot-interruption)$/;

interface EndpointOptions {
  readonly store: Store;
  readonly authenticate: Authenticate;
  readonly authorizer: Pick<Authorizer, 'require'>;
  readonly stoppedTaskRetentionMs: number;
  readonly clock: Clock;
}

/**
 * What an operator asks about one task, by its id or its ARN (percent-encoded), besides AWS's API:
 *
 *   GET  /_longshore/tasks/TASK/timeline            JSON, a TaskStory; who may ecs:DescribeTasks
 *   POST /_longshore/tasks/TASK/spot-interruption   takes its Spot capacity away; who may ecs:StopTask
 *
 * Requests are signed for `ecr`, as all that an operator sends.
 */
export function taskEndpoints(options: EndpointOptions): HttpRoutes['own'] {
  return async (request, sourceIp) => {
    const [, reference = '', what] = PATH.exec(splitTarget(request.rawUrl).path) ?? [];
    if (what === 'timeline' && request.method === 'GET') {
      return answer(options, { request, sourceIp, reference, action: 'ecs:DescribeTasks' }, (arn) =>
        taskStory(options.store, options.clock, options.stoppedTaskRetentionMs, arn),
      );
    }
    if (what === 'spot-interruption' && request.method === 'POST') {
      return answer(options, { request, sourceIp, reference, action: 'ecs:StopTask' }, async (arn) => {
        const { stopCode, stoppedReason } = await interruptSpotTask(options.store, options.clock, arn);
        return { taskArn: arn, stopCode, stoppedReason };
      });
    }
    return undefined;
  };
}

interface Asked {
  readonly request: RawRequest;
  readonly sourceIp: string;
  readonly reference: string;
  readonly action: string;
}

async function answer(
  options: EndpointOptions,
  asked: Asked,
  run: (taskArn: string) => Promise<object | undefined>,
): Promise<RawResponse> {
  try {
    const found = await run(await permittedTask(options, asked));
    return found ? json(200, found) : notFound();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const isDenied = error.code !== 'InvalidParameterException';
    return json(isDenied ? 403 : error.httpStatus, { code: error.code, message: error.message });
  }
}

/** @throws ServiceError for who may not see it, and for what is not there */
async function permittedTask(
  { store, authenticate, authorizer, clock }: EndpointOptions,
  { request, sourceIp, reference, action }: Asked,
): Promise<string> {
  const now = clock.now();
  const called = { service: 'ecr', protocol: 'awsJson1_1', contract: { signingName: 'ecr' } } as const;
  const { principal } = await authenticate(request, called, now);
  const task = await findTask(store, principal.account, decodedReference(reference));
  if (!task) throw new ServiceError('InvalidParameterException', 'The task was not found.', { httpStatus: 404 });
  const access = {
    principal,
    account: principal.account,
    region: task.region,
    facts: { sourceIp, secure: false },
    now,
  };
  await authorizer.require(access, {
    action,
    resources: [task.arn],
    conditions: { 'ecs:cluster': task.clusterArn },
  });
  return task.arn;
}

function notFound(): RawResponse {
  return json(404, { code: 'InvalidParameterException', message: 'The task was not found.' });
}
