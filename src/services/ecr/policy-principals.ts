import { areThere } from '../../api/named-principals.ts';
import { awsPrincipals } from './domain/policy-text.ts';
import { invalidParameter } from './errors.ts';
import type { EcrContext } from './operation.ts';

/**
 * The users and roles of the caller's account that a policy names must be there.
 * @throws ServiceError InvalidParameterException
 */
export async function checkPrincipals(ctx: EcrContext, policy: string): Promise<void> {
  if (!(await areThere(ctx, awsPrincipals(policy)))) throw invalidParameter('PolicyText', 'Principal not found');
}
