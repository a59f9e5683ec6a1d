import { formatArn, parseArn, type Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { trailNameProblem } from './domain/trail-name.ts';
import { invalidArn, invalidTrailName, notHomeRegion, unknownTrail } from './errors.ts';
import { trails, type TrailRow } from './tables.ts';

const ARN = /^arn:aws:cloudtrail:[a-z0-9-]+:\d{12}:trail\/.+$/;

export function trailArn(scope: Scope, name: string): string {
  return formatArn('cloudtrail', scope, `trail/${name}`);
}

/** The ARN of the trail that a call means, for authorization. */
export function requestedArn(nameOrArn: string | undefined, scope: Scope): string {
  const given = nameOrArn ?? '*';
  return given.startsWith('arn:') ? given : trailArn(scope, given);
}

/** @throws ServiceError CloudTrailARNInvalidException, InvalidTrailNameException */
function checkedArn(nameOrArn: string, scope: Scope): string {
  if (nameOrArn.startsWith('arn:')) {
    if (!ARN.test(nameOrArn)) throw invalidArn(nameOrArn);
    return nameOrArn;
  }
  const problem = trailNameProblem(nameOrArn);
  if (problem !== undefined) throw invalidTrailName(problem);
  return trailArn(scope, nameOrArn);
}

/** The caller's trail of this name in its region, or of this ARN in any. @throws ServiceError TrailNotFoundException */
export async function trailOf(tx: ReadTx, scope: Scope, nameOrArn: string): Promise<Stored<TrailRow>> {
  const arn = checkedArn(nameOrArn, scope);
  const found = parseArn(arn)?.account === scope.account ? await tx.get(trails, arn) : undefined;
  if (!found) throw unknownTrail(nameOrArn, scope.account);
  return found;
}

/** As `trailOf`, for calls that change it. @throws ServiceError InvalidHomeRegionException */
export async function homeTrailOf(tx: ReadTx, scope: Scope, nameOrArn: string): Promise<Stored<TrailRow>> {
  const own = await tx.get(trails, checkedArn(nameOrArn, scope));
  if (own?.account === scope.account && own.region === scope.region) return own;
  const shadow = (await visibleTrails(tx, scope)).find((trail) => trail.name === nameOrArn);
  const trail = shadow ?? (await trailOf(tx, scope, nameOrArn));
  throw notHomeRegion(trail.arn, trail.region);
}

/** The trails of a region, and those of other regions that are in every region. */
export async function visibleTrails(tx: ReadTx, scope: Scope): Promise<readonly Stored<TrailRow>[]> {
  const all = await tx.list(trails, { where: ['account', scope.account] });
  return all.filter((trail) => trail.region === scope.region || trail.multiRegion);
}
