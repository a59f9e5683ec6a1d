import type { Stored, WriteTx } from '../../store/store.ts';
import { followed, isEnded, newServiceDeployment, revisionOf } from './domain/service-deployment.ts';
import { serviceDeployments, serviceRevisions } from './service-tables.ts';
import type { ServiceDeploymentRow } from './service-tables.ts';
import { services } from './tables.ts';
import type { ServiceRow, TaskDefinitionRow } from './tables.ts';

const KEPT_MS = 90 * 24 * 3_600_000;

/** Writes a service, and with it what its service deployments are now: whoever changes deployments does it by this. */
export async function putService(
  tx: WriteTx,
  row: ServiceRow & { readonly revision?: number },
  now: number,
): Promise<Stored<ServiceRow>> {
  const stored = await tx.put(services, row);
  const known = await tx.list(serviceDeployments, { where: ['service', row.arn] });
  for (const one of known.filter((each) => !isEnded(each))) {
    const next = followed(one, stored, now);
    if (next !== one) await tx.put(serviceDeployments, { ...next, revision: one.revision });
  }
  await keepDigests(tx, stored);
  return stored;
}

/** The images that a complete deployment has pinned stay known with its revision. */
async function keepDigests(tx: WriteTx, { lastCompleted }: ServiceRow): Promise<void> {
  const revision = lastCompleted?.imageDigests && (await tx.get(serviceRevisions, lastCompleted.revisionArn));
  if (!revision || revision.imageDigests) return;
  await tx.put(serviceRevisions, { ...revision, imageDigests: lastCompleted.imageDigests ?? {} });
}

/** Writes a service whose primary deployment is new: its revision and its service deployment begin with it. */
export async function putDeploying(
  tx: WriteTx,
  row: ServiceRow & { readonly revision?: number },
  definition: TaskDefinitionRow,
  now: number,
): Promise<Stored<ServiceRow>> {
  const revision = revisionOf(row, definition, now);
  const deployment = newServiceDeployment(row, now);
  if (revision) await tx.put(serviceRevisions, revision);
  if (deployment) await tx.put(serviceDeployments, deployment);
  await forgetOld(tx, row, now);
  return putService(tx, row, now);
}

/** Deployments that ended long ago go, and then the revisions that no other has, and the service does not run or go back to. */
async function forgetOld(tx: WriteTx, { arn, deployments, lastCompleted }: ServiceRow, now: number): Promise<void> {
  const needed = new Set([lastCompleted?.revisionArn, ...deployments.map((one) => one.revisionArn)]);
  for (const one of await tx.list(serviceDeployments, { where: ['service', arn] })) {
    if (isEnded(one) && now - one.updatedAtMs > KEPT_MS) await tx.delete(serviceDeployments, one.arn);
    else for (const used of revisionsOf(one)) needed.add(used);
  }
  for (const revision of await tx.list(serviceRevisions, { where: ['service', arn] })) {
    if (!needed.has(revision.arn)) await tx.delete(serviceRevisions, revision.arn);
  }
}

function revisionsOf({ targetRevisionArn, sourceRevisionArns, rollback }: ServiceDeploymentRow): string[] {
  return [targetRevisionArn, ...sourceRevisionArns, ...(rollback ? [rollback.revisionArn] : [])];
}
