import type { Authenticate } from '../gateway/authentication.ts';
import type { Authorizer } from '../gateway/authorizer.ts';
import { json } from '../gateway/http-server.ts';
import type { HttpRoutes } from '../gateway/http-server.ts';
import type { Clock } from '../kernel/clock.ts';
import { ServiceError } from '../kernel/errors.ts';
import { findInstance, interruptionPermission, interruptSpotInstance } from '../services/ec2/index.ts';
import type { Store } from '../store/store.ts';
import { splitTarget } from '../wire/raw-request.ts';
import { decodedReference } from './operator-path.ts';

const PATH = /^\/_longshore\/instances\/([^/]+)\/spot-interruption(?:\/(\d{1,5}))?$/;

interface EndpointOptions {
  readonly store: Store;
  readonly authenticate: Authenticate;
  readonly authorizer: Pick<Authorizer, 'require'>;
  readonly clock: Clock;
}

/**
 * Takes the Spot capacity of an instance away, by its id or its ARN (percent-encoded), with so many seconds of notice, or
 * AWS's two minutes: `POST /_longshore/instances/INSTANCE/spot-interruption[/SECONDS]`, for who may
 * ec2:SendSpotInstanceInterruptions. Requests are signed for `ecr`, as all that an operator sends.
 */
export function instanceEndpoints({ store, authenticate, authorizer, clock }: EndpointOptions): HttpRoutes['own'] {
  return async (request, sourceIp) => {
    const [, reference, seconds] = PATH.exec(splitTarget(request.rawUrl).path) ?? [];
    if (reference === undefined || request.method !== 'POST') return undefined;
    const now = clock.now();
    const called = { service: 'ecr', protocol: 'awsJson1_1', contract: { signingName: 'ecr' } } as const;
    try {
      const { principal } = await authenticate(request, called, now);
      const row = await findInstance(store, principal.account, decodedReference(reference));
      if (!row) return json(404, { code: 'InvalidInstanceID.NotFound', message: 'The instance was not found.' });
      const access = { principal, account: row.account, region: row.region, facts: { sourceIp, secure: false }, now };
      await authorizer.require(access, await interruptionPermission(store, row));
      const noticeMs = seconds === undefined ? undefined : Number(seconds) * 1000;
      const { id, spot } = await interruptSpotInstance(store, clock, row, noticeMs);
      const at = spot?.interruption?.at ?? now;
      return json(200, { instanceId: id, action: spot?.behavior ?? 'terminate', time: new Date(at).toISOString() });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const isRefused = ['IncorrectInstanceState', 'UnsupportedOperation'].includes(error.code);
      return json(isRefused ? 400 : 403, { code: error.code, message: error.message });
    }
  };
}
