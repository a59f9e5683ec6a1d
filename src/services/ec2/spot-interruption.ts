import type { Permission } from '../../api/operation.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { Store } from '../../store/store.ts';
import { isGone } from './domain/instance-state.ts';
import { arnOf, KINDS, resourceOfArn } from './domain/resource-kind.ts';
import { incorrectInstanceState } from './errors.ts';
import { instances, type InstanceRow } from './instance-tables.ts';
import { permissionOn } from './resource-keys.ts';
import { resourceKey } from './tables.ts';

/** What EC2 gives an instance between the notice and its end. */
export const SPOT_NOTICE_MS = 120_000;

/** What interrupts an instance, as AWS's Fault Injection Service does it, takes this of who asks. */
const ACTION = 'ec2:SendSpotInstanceInterruptions';

/** An instance of the account by its id or its ARN, in whatever region. */
export async function findInstance(
  store: Pick<Store, 'read'>,
  account: string,
  reference: string,
): Promise<InstanceRow | undefined> {
  const id = resourceOfArn(reference)?.id ?? reference;
  const rows = await store.read((tx) => tx.list(instances, { where: ['id', id], limit: 1 }));
  return rows.find((row) => row.account === account);
}

export async function interruptionPermission(store: Pick<Store, 'read'>, row: InstanceRow): Promise<Permission> {
  return store.read((tx) => permissionOn(tx, row, ACTION, arnOf(KINDS.instance, row, row.id)));
}

/**
 * Takes an instance's Spot capacity away: the notice in its metadata at once, and in `noticeMs` it is terminated, or
 * stopped, as its request says. One that has its notice already goes on as it is.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-interruptions.html
 * @throws ServiceError for an instance that is not on Spot capacity, or does not run
 */
export async function interruptSpotInstance(
  store: Store,
  clock: Clock,
  { account, region, id }: InstanceRow,
  noticeMs = SPOT_NOTICE_MS,
): Promise<InstanceRow> {
  return store.write(async (tx) => {
    const row = await tx.get(instances, resourceKey({ account, region }, id));
    if (!row || isGone(row)) throw incorrectInstanceState(`The instance '${id}' is gone.`);
    if (!row.spot) throw new ServiceError('UnsupportedOperation', `The instance '${id}' is not a Spot Instance.`);
    if (row.state !== 'running') throw incorrectInstanceState(`The instance '${id}' is not in the 'running' state.`);
    if (row.spot.interruption) return row;
    const now = clock.now();
    const interruption = { noticedAt: now, at: now + noticeMs };
    return tx.put<InstanceRow>(instances, { ...row, spot: { ...row.spot, interruption } });
  });
}
