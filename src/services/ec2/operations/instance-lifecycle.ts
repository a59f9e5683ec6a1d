import type { InstanceStateChange } from '@aws-sdk/client-ec2';
import type { Stored } from '../../../store/store.ts';
import { assignPublicAddress } from '../auto-assigned-address.ts';
import { writeRegion } from '../default-vpc.ts';
import { inState, isGone, stateReason, stateView, userInitiated } from '../domain/instance-state.ts';
import { INSTANCE_TYPES } from '../domain/instance-types.ts';
import { arnsOf, KINDS } from '../domain/resource-kind.ts';
import { incorrectInstanceState, missingParameter, operationNotPermitted, unsupportedOperation } from '../errors.ts';
import { requireHost, takeRoom } from '../instance-capacity.ts';
import { requireInstances } from '../instance-lookup.ts';
import { instances, type InstanceRow, type SpotRequest } from '../instance-tables.ts';
import { type Ec2Context, operation } from '../operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { WriteTx } from '../../../store/store.ts';
import { networkInterfaces, resourceKey } from '../tables.ts';

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html */

interface Named {
  readonly InstanceIds: readonly string[] | undefined;
}

const named = ({ InstanceIds: ids }: Named, scope: Scope) =>
  arnsOf(KINDS.instance, scope, ids?.length ? [...new Set(ids)] : [undefined]);

export const StartInstances = operation('StartInstances', {
  resources: named,
  handle: async (ctx, input) => ({
    StartingInstances: await changeAll(ctx, input, async (tx, row) => {
      if (row.state === 'running' || row.state === 'pending') return row;
      if (row.state !== 'stopped') {
        throw incorrectInstanceState(`The instance '${row.id}' is not in a state from which it can be started.`);
      }
      const type = INSTANCE_TYPES.get(row.instanceType);
      if (type) await takeRoom(tx, requireHost(ctx.ports), type, { least: 1, most: 1, zone: row.zoneName });
      const own = await tx.get(networkInterfaces, resourceKey(row, row.networkInterfaceId));
      if (own && row.associatesPublicIp) await assignPublicAddress(tx, ctx, own);
      const pending = inState(row, 'pending', { reason: { code: 'pending', message: 'pending' } });
      return tx.put<InstanceRow>(instances, {
        ...pending,
        ...(pending.spot ? { spot: withoutInterruption(pending.spot) } : {}),
        launchedAt: ctx.now,
        stoppedBefore: true,
      });
    }),
  }),
});

export const StopInstances = operation('StopInstances', {
  resources: named,
  unsupported: ['Hibernate'],
  handle: async (ctx, input) => ({
    StoppingInstances: await changeAll(ctx, input, async (tx, row) => {
      if (row.state === 'stopping' || row.state === 'stopped') return row;
      if (isGone(row)) {
        throw incorrectInstanceState(`The instance '${row.id}' is not in a state from which it can be stopped.`);
      }
      if (row.spot?.type === 'one-time') {
        throw unsupportedOperation(
          `You can't stop the Spot Instance '${row.id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
        );
      }
      if (row.disableApiStop) {
        throw operationNotPermitted(
          `The instance '${row.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
        );
      }
      return tx.put<InstanceRow>(instances, inState(row, 'stopping', byUser(ctx)));
    }),
  }),
});

export const TerminateInstances = operation('TerminateInstances', {
  resources: named,
  handle: async (ctx, input) => ({
    TerminatingInstances: await changeAll(ctx, input, async (tx, row) => {
      if (isGone(row)) return row;
      if (row.disableApiTermination) {
        throw operationNotPermitted(
          `The instance '${row.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
        );
      }
      return tx.put<InstanceRow>(instances, inState(row, 'shutting-down', byUser(ctx)));
    }),
  }),
});

export const RebootInstances = operation('RebootInstances', {
  resources: named,
  handle: async (ctx, input) => {
    await changeAll(ctx, input, async (tx, row) => {
      if (row.state !== 'running') {
        throw incorrectInstanceState(`The instance '${row.id}' is not in a state from which it can be rebooted.`);
      }
      return row.bootId === undefined ? row : tx.put<InstanceRow>(instances, { ...row, rebootFrom: row.bootId });
    });
    return {};
  },
});

/** Its capacity is there again. */
function withoutInterruption(before: SpotRequest): SpotRequest {
  const { interruption: _, ...spot } = before;
  return spot;
}

function byUser(ctx: Ec2Context) {
  return { reason: stateReason('Client.UserInitiatedShutdown'), transition: userInitiated(ctx.now) };
}

/** All or none, in the order of the request. */
async function changeAll(
  ctx: Ec2Context,
  { InstanceIds: ids }: Named,
  change: (tx: WriteTx, row: Stored<InstanceRow>) => Promise<InstanceRow>,
): Promise<InstanceStateChange[]> {
  if (!ids?.length) throw missingParameter('InstanceId');
  return writeRegion(ctx, async (tx) => {
    const changes: InstanceStateChange[] = [];
    for (const before of await requireInstances(tx, ctx, ids)) {
      const after = await change(tx, before);
      changes.push({
        InstanceId: before.id,
        PreviousState: stateView(before.state),
        CurrentState: stateView(after.state),
      });
    }
    return changes;
  });
}
