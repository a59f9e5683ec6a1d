import { ServiceError } from '../../kernel/errors.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { instanceProfileArn } from './arns.ts';
import { checkName } from './domain/names.ts';
import { iamKey, instanceProfiles, type InstanceProfileRow } from './tables.ts';

/** Throws ValidationError for what cannot be a name, NoSuchEntity for an instance profile that is not there. */
export async function requireInstanceProfile(
  tx: ReadTx,
  account: string,
  name = '',
): Promise<Stored<InstanceProfileRow>> {
  checkName('instanceProfile', name);
  const row = await tx.get(instanceProfiles, iamKey(account, name));
  if (!row) throw notFound(`Instance Profile ${name}`);
  return row;
}

/** Throws NoSuchEntity: `WHAT cannot be found.` */
export function notFound(what: string): ServiceError {
  return new ServiceError('NoSuchEntityException', `${what} cannot be found.`, { httpStatus: 404 });
}

/** For authorization: the instance profile's ARN, with its path where there is such a one. */
export async function instanceProfileResource(
  { InstanceProfileName: name = '' }: { readonly InstanceProfileName: string | undefined },
  { account }: { readonly account: string },
  tx: ReadTx,
): Promise<readonly string[]> {
  const row = await tx.get(instanceProfiles, iamKey(account, name));
  return [instanceProfileArn(row ?? { account, name, path: '/' })];
}
