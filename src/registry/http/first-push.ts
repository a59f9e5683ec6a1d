import { ServiceError } from '../../kernel/errors.ts';
import type { RepositoryRoute } from './endpoints.ts';
import { ProtocolError } from './errors.ts';
import type { Exchange } from './exchange.ts';

/**
 * Makes the repository that the first request of a push has not found, where the registry's settings say so. An upload is
 * begun before any of the request's body is read, so the request can then be answered from the start.
 * @param refusal why the caller may not do an action on a repository; undefined where it may
 * @throws ProtocolError DENIED where the caller may not make it
 */
export async function madeByPush(
  error: unknown,
  { req, registry, scope }: Exchange,
  route: RepositoryRoute,
  refusal: (action: string, name: string) => Promise<string | undefined>,
): Promise<boolean> {
  if (!(error instanceof ServiceError) || error.code !== 'RepositoryNotFoundException') return false;
  if (route.kind !== 'uploads' || req.method !== 'POST') return false;
  if (!(await registry.createsOnPush(scope, route.name))) return false;
  const refused = await refusal('ecr:CreateRepository', route.name);
  if (refused !== undefined) throw new ProtocolError(403, 'DENIED', refused);
  await registry.createOnPush(scope, route.name);
  return true;
}
