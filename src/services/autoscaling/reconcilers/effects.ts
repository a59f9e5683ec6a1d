import type { Instance, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Call } from '../../../api/context.ts';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { messageOf, ServiceError } from '../../../kernel/errors.ts';
import { noteActivity } from '../activity.ts';
import { description } from '../domain/cause.ts';
import { launchSource } from '../domain/group-plan.ts';
import { weightOfType, type TemplateChoice } from '../domain/launch-source.ts';
import { isLeaving, isWarmed } from '../domain/members.ts';
import { runs } from '../domain/processes.ts';
import type { StoredFacts } from '../facts.ts';
import { groupKeyOf, groups, memberKey, members, type GroupRow, type MemberRow } from '../tables.ts';
import { heldZone } from './fold.ts';
import { change, ignoring, start, stop, terminate } from './power.ts';

type Env = ServiceEnvironment<object>;

/** Does for each instance what its row asks of EC2 and of load balancing. What fails does not keep the others waiting. */
export async function workOn(env: Env, facts: StoredFacts): Promise<void> {
  const call = env.callIn(facts.group);
  const results = await Promise.allSettled(facts.members.map((member) => work(env, call, facts, member)));
  const failed = results.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function work(env: Env, call: Call, facts: StoredFacts, member: MemberRow): Promise<void> {
  if (member.instanceId === undefined) return launch(env, call, facts, member);
  const { group } = facts;
  await deregister(env, call, member, leftGroups(group, member));
  const isToJoin = member.state === 'Pending:Proceed' || member.state === 'InService';
  if (isToJoin && !member.skipsTargetGroups && runs(group, 'AddToLoadBalancer')) {
    await register(env, call, member, group.targetGroups);
  }
  if (member.isTold) return;
  if (member.state.endsWith('Terminating:Proceed')) await terminate(env, call, member);
  if (member.state === 'Pending' && member.isFromPool) await start(env, call, member);
  if (member.state === 'Warmed:Pending:Proceed' && group.warmPool?.state !== 'Running') await stop(env, call, member);
}

/** The target groups that it is to leave: all, or those that are not the group's any more. */
function leftGroups({ targetGroups }: GroupRow, member: MemberRow): readonly string[] {
  const isOff =
    isLeaving(member) || isWarmed(member) || member.state === 'EnteringStandby' || member.state === 'Standby';
  return isOff ? member.registered : member.registered.filter((arn) => !targetGroups.includes(arn));
}

async function launch(env: Env, call: Call, facts: StoredFacts, member: MemberRow): Promise<void> {
  const instance = member.request && (await run(env, call, member, member.request));
  if (instance) await launched(env, facts, member, instance);
}

/** One instance, or its refusal written down. Anything else may have worked: the token tells at the next try. */
async function run(env: Env, call: Call, member: MemberRow, request: object): Promise<Instance | undefined> {
  try {
    const { Instances = [] } = await call('ec2', 'RunInstances', request as RunInstancesRequest);
    return Instances[0];
  } catch (error) {
    if (!(error instanceof ServiceError) || (error.httpStatus >= 500 && !isCapacity(error))) throw error;
    await refused(env, member, error);
    return undefined;
  }
}

const isCapacity = ({ code }: ServiceError) => code.startsWith('Insufficient') || code.endsWith('LimitExceeded');

async function launched(env: Env, facts: StoredFacts, member: MemberRow, instance: Instance): Promise<void> {
  const { InstanceId: instanceId = '', InstanceType: instanceType, ImageId: imageId, SubnetId: subnetId } = instance;
  const tag = (name: string) => instance.Tags?.find(({ Key }) => Key === name)?.Value;
  const id = tag('aws:ec2launchtemplate:id');
  const version = tag('aws:ec2launchtemplate:version');
  const name = templatesOf(facts).find((one) => one.id === id)?.name ?? '';
  await env.store.write(async (tx) => {
    const current = await tx.get(members, memberKey(member));
    if (!current || current.instanceId !== undefined) return;
    const { request: _, alternatives: __, weight: ___, ...rest } = current;
    const weight = weightOfType(launchSource(facts), instanceType);
    await tx.put<MemberRow>(members, {
      ...rest,
      instanceId,
      ...(weight !== undefined && { weight }),
      ...(instanceType !== undefined && { instanceType }),
      ...(imageId !== undefined && { imageId }),
      ...(subnetId !== undefined && { subnetId }),
      ...(id !== undefined && version !== undefined && { template: { id, name, version } }),
    });
    await noteActivity(tx, current, { description: description(launchKind(current), instanceId) });
  });
}

const launchKind = (member: MemberRow) => (isWarmed(member) ? 'warm' : 'launch');

function templatesOf({ group, refresh }: StoredFacts): readonly TemplateChoice[] {
  return [group.launch, refresh?.wanted].flatMap((source) => {
    if (!source || source.kind === 'configuration') return [];
    const overrides = source.kind === 'mixed' ? source.overrides : [];
    return [source.template, ...overrides.flatMap(({ template }) => template ?? [])];
  });
}

/** Another type of the overrides, while there is one; else the launch has failed, and its zone waits. */
async function refused(env: Env, member: MemberRow, error: ServiceError): Promise<void> {
  const now = env.clock.now();
  await env.store.write(async (tx) => {
    const current = await tx.get(members, memberKey(member));
    if (!current || current.instanceId !== undefined) return;
    const [request, ...alternatives] = isCapacity(error) ? (current.alternatives ?? []) : [];
    if (request) {
      await tx.put<MemberRow>(members, { ...current, request, alternatives });
      return;
    }
    const message = `${messageOf(error)} Launching EC2 instance failed.`;
    await noteActivity(tx, current, {
      status: 'Failed',
      progress: 100,
      endMs: now,
      message,
      description: `${description(launchKind(current))}.  Status Reason: ${message}`,
    });
    await tx.delete(members, memberKey(member));
    const group = await tx.get(groups, groupKeyOf(member));
    if (group) await tx.put<GroupRow>(groups, { ...group, holds: heldZone(group, member.zone, now) });
  });
}

async function register(env: Env, call: Call, member: MemberRow, wanted: readonly string[]): Promise<void> {
  const Targets = [{ Id: member.instanceId ?? '' }];
  for (const arn of wanted.filter((one) => !member.registered.includes(one))) {
    await call('elbv2', 'RegisterTargets', { TargetGroupArn: arn, Targets });
    await change(env, member, (current) => ({
      ...current,
      registered: [...current.registered.filter((one) => one !== arn), arn],
      draining: current.draining.filter((one) => one !== arn),
    }));
  }
}

async function deregister(env: Env, call: Call, member: MemberRow, left: readonly string[]): Promise<void> {
  const Targets = [{ Id: member.instanceId ?? '' }];
  for (const arn of left) {
    await ignoring(/^(TargetGroupNotFound|InvalidTarget)/, () =>
      call('elbv2', 'DeregisterTargets', { TargetGroupArn: arn, Targets }),
    );
    await change(env, member, (current) => ({
      ...current,
      registered: current.registered.filter((one) => one !== arn),
      draining: [...current.draining.filter((one) => one !== arn), arn],
    }));
  }
}
