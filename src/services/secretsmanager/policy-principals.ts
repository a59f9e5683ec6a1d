import { areThere } from '../../api/named-principals.ts';
import { readDocument } from '../../policy/read.ts';
import { malformedPolicy } from './errors.ts';
import type { SecretsContext } from './operation.ts';

/**
 * The users and roles of the caller's account that a policy names must be there.
 * @throws ServiceError MalformedPolicyDocumentException
 */
export async function checkPrincipals(ctx: SecretsContext, policy: string): Promise<void> {
  const named = readDocument(policy).statements.flatMap(({ principals }) => principals?.values['AWS'] ?? []);
  if (!(await areThere(ctx, named))) throw malformedPolicy('This resource policy contains an unsupported principal.');
}
