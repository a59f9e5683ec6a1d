import type { Call } from '../../../api/context.ts';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { messageOf, ServiceError } from '../../../kernel/errors.ts';
import { noteActivity } from '../activity.ts';
import { groupKeyOf, groups, memberKey, members, type GroupRow, type MemberRow } from '../tables.ts';
import { heldZone } from './fold.ts';

type Env = Pick<ServiceEnvironment<object>, 'store' | 'clock'>;

/** EC2 was told what the state of `before` asks for: one that has moved on since asks for something else. */
const toldAs =
  (before: MemberRow) =>
  (current: MemberRow): MemberRow =>
    current.state === before.state ? { ...current, isTold: true } : current;

export async function terminate(env: Env, call: Call, member: MemberRow): Promise<void> {
  const InstanceIds = [member.instanceId ?? ''];
  await ignoring(/^InvalidInstanceID/, async () => {
    try {
      await call('ec2', 'TerminateInstances', { InstanceIds });
    } catch (error) {
      // Termination protection is no protection from scaling in.
      if (!(error instanceof ServiceError) || error.code !== 'OperationNotPermitted') throw error;
      await call('ec2', 'ModifyInstanceAttribute', {
        InstanceId: member.instanceId ?? '',
        DisableApiTermination: { Value: false },
      });
      await call('ec2', 'TerminateInstances', { InstanceIds });
    }
  });
  await change(env, member, toldAs(member));
}

/** Starts an instance that comes from the warm pool. Where EC2 has no room it waits there, and its zone too. */
export async function start(env: Env, call: Call, member: MemberRow): Promise<void> {
  try {
    await call('ec2', 'StartInstances', { InstanceIds: [member.instanceId ?? ''] });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    // What EC2 does not know any more the next pass sees.
    if (error.code.startsWith('InvalidInstanceID')) return;
    if (error.httpStatus >= 500 && !error.code.startsWith('Insufficient')) throw error;
    return unstarted(env, member, error);
  }
  await change(env, member, toldAs(member));
}

async function unstarted({ store, clock }: Env, member: MemberRow, error: ServiceError): Promise<void> {
  const now = clock.now();
  await store.write(async (tx) => {
    const current = await tx.get(members, memberKey(member));
    if (!current?.isFromPool || current.state !== 'Pending') return;
    const message = `${messageOf(error)} Launching EC2 instance failed.`;
    await noteActivity(tx, current, { status: 'Failed', progress: 100, endMs: now, message });
    const { isFromPool: _, activityKey: __, isExtra: ___, ...rest } = current;
    await tx.put<MemberRow>(members, { ...rest, state: 'Warmed:Stopped' });
    const group = await tx.get(groups, groupKeyOf(member));
    if (group) await tx.put<GroupRow>(groups, { ...group, holds: heldZone(group, member.zone, now) });
  });
}

/** Stops an instance that is to wait in the warm pool. */
export async function stop(env: Env, call: Call, member: MemberRow): Promise<void> {
  await ignoring(/^(InvalidInstanceID|IncorrectInstanceState)/, () =>
    call('ec2', 'StopInstances', { InstanceIds: [member.instanceId ?? ''] }),
  );
  await change(env, member, toldAs(member));
}

/** Writes a member anew, if it is still there. */
export async function change(env: Env, member: MemberRow, next: (current: MemberRow) => MemberRow): Promise<void> {
  await env.store.write(async (tx) => {
    const current = await tx.get(members, memberKey(member));
    if (current) await tx.put<MemberRow>(members, next(current));
  });
}

/** Does it; an error of this code is none. */
export async function ignoring(code: RegExp, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ServiceError && code.test(error.code))) throw error;
  }
}
