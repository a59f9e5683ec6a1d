import type { Authenticate } from '../gateway/authentication.ts';
import type { Authorizer } from '../gateway/authorizer.ts';
import { json } from '../gateway/http-server.ts';
import type { HttpRoutes } from '../gateway/http-server.ts';
import type { Clock } from '../kernel/clock.ts';
import { ServiceError } from '../kernel/errors.ts';
import { findServiceRow, serviceStory } from '../services/ecs/index.ts';
import type { Store } from '../store/store.ts';
import { splitTarget } from '../wire/raw-request.ts';
import { decodedReference } from './operator-path.ts';

const PATH = /^\/_longshore\/services\/([^/]+)\/why$/;

interface EndpointOptions {
  readonly store: Store;
  readonly authenticate: Authenticate;
  readonly authorizer: Pick<Authorizer, 'require'>;
  readonly clock: Clock;
}

/**
 * What an operator asks about one service, by its name or its ARN (percent-encoded): `GET /_longshore/services/SERVICE/why`,
 * a ServiceStory, for who may ecs:DescribeServices. Requests are signed for `ecr`, as all that an operator sends.
 */
export function serviceEndpoints({ store, authenticate, authorizer, clock }: EndpointOptions): HttpRoutes['own'] {
  return async (request, sourceIp) => {
    const reference = PATH.exec(splitTarget(request.rawUrl).path)?.[1];
    if (reference === undefined || request.method !== 'GET') return undefined;
    const now = clock.now();
    const called = { service: 'ecr', protocol: 'awsJson1_1', contract: { signingName: 'ecr' } } as const;
    try {
      const { principal } = await authenticate(request, called, now);
      const row = await findServiceRow(store, principal.account, decodedReference(reference));
      if (!row) return json(404, { code: 'ServiceNotFoundException', message: 'The service was not found.' });
      const { account, region, arn } = row;
      const resource = {
        action: 'ecs:DescribeServices',
        resources: [arn],
        conditions: { 'ecs:cluster': row.clusterArn },
      };
      await authorizer.require({ principal, account, region, facts: { sourceIp, secure: false }, now }, resource);
      return json(200, await serviceStory(store, clock, arn));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return json(403, { code: error.code, message: error.message });
    }
  };
}
