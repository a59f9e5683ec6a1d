import type { PutScalingPolicyType, TargetTrackingConfiguration } from '@aws-sdk/client-auto-scaling';
import { customizedProblem } from '../../../api/scaling/customized-metric.ts';
import { alarmNames, alarmViews, retireAlarms } from '../../../api/scaling/policy-alarms.ts';
import { scopeKey, type Scope } from '../../../kernel/arn.ts';
import { executed } from '../domain/cause.ts';
import { decideSimple, decideStep, isCooling } from '../domain/policy-decision.ts';
import { customizedOf } from '../domain/tracked-metric.ts';
import { coolingDown, invalid, noSuchPolicy, notSupported, tooMany } from '../errors.ts';
import { removePolicy } from '../group-removal.ts';
import { checkName, groupOf, groupResource, liveGroup, membersOf, pageOf, tokenOf } from '../lookup.ts';
import { operation, type AutoscalingContext } from '../operation.ts';
import { rulesFrom } from '../policy-input.ts';
import { policyView } from '../policy-views.ts';
import {
  groupKey,
  groups,
  namedKey,
  policies,
  policyArn,
  policyIn,
  retiredAlarms,
  type GroupRow,
  type PolicyRow,
} from '../tables.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';

const MOST_POLICIES = 50;

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html */
export const PutScalingPolicy = operation('PutScalingPolicy', {
  resources: groupResource,
  handle: async (ctx, input) => {
    const name = checkName(input.PolicyName, 'policyName');
    const rules = rulesFrom(input);
    if (rules.kind === 'tracking') await checkCustomized(ctx, rules.tracked);
    const id = ctx.ids.uuid();
    const row = await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, input.AutoScalingGroupName);
      const all = await tx.list(policies, { where: ['group', groupKey(group)] });
      const before = all.find((one) => one.name === name);
      if (before && before.rules.kind !== rules.kind) throw invalid('The type of a scaling policy cannot be changed.');
      if (!before && all.length >= MOST_POLICIES)
        throw tooMany(`A group can have ${MOST_POLICIES} scaling policies at most.`);
      const alarms =
        rules.kind === 'tracking' ? alarmNames(group.name, rules.tracking, before?.alarms ?? [], ctx.ids) : [];
      const next = policyRow(group, input, { name, id: before?.id ?? id, rules, alarms });
      const unwanted = (before?.alarms ?? []).filter((one) => !alarms.includes(one));
      await retireAlarms(tx, retiredAlarms, ctx, unwanted);
      return tx.put(policies, { ...next, ...(before && { revision: before.revision }) });
    });
    return { PolicyARN: policyArn(row), Alarms: alarmViews(row, row.alarms) };
  },
});

/** What cannot be asked of CloudWatch is refused now. */
async function checkCustomized(ctx: AutoscalingContext, tracked: TargetTrackingConfiguration): Promise<void> {
  const question = customizedOf(tracked);
  const problem = question && (await customizedProblem(ctx.call, question, ctx.now));
  if (problem !== undefined) throw invalid(problem);
}

type Named = Pick<PolicyRow, 'name' | 'id' | 'rules' | 'alarms'>;

function policyRow(group: GroupRow, input: PutScalingPolicyType, named: Named): PolicyRow {
  return {
    account: group.account,
    region: group.region,
    groupName: group.name,
    ...named,
    isEnabled: input.Enabled ?? true,
    ...(input.EstimatedInstanceWarmup !== undefined && { warmupS: input.EstimatedInstanceWarmup }),
    ...(named.rules.kind === 'tracking' && { alarmsDue: true }),
  };
}

interface Meant {
  readonly AutoScalingGroupName?: string | undefined;
  readonly PolicyName?: string | undefined;
}

/** A policy by its name and its group's, or by its ARN. */
function namesOf({ AutoScalingGroupName: groupName, PolicyName: text = '' }: Meant) {
  const named = text.startsWith('arn:') ? policyIn(text) : undefined;
  return named ?? { groupName: groupName ?? '', name: text };
}

async function policyOf(tx: ReadTx, { account, region }: Scope, input: Meant): Promise<Stored<PolicyRow>> {
  const { groupName, name } = namesOf(input);
  if (groupName === '')
    throw invalid('AutoScalingGroupName must be specified where the policy is not named by its ARN.');
  const row = await tx.get(policies, namedKey({ account, region, groupName, name }));
  if (!row) throw noSuchPolicy(name);
  return row;
}

const ofPolicy = (input: Meant, scope: Scope, tx: ReadTx) =>
  groupResource({ AutoScalingGroupName: namesOf(input).groupName || '*' }, scope, tx);

export const DeletePolicy = operation('DeletePolicy', {
  resources: ofPolicy,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => removePolicy(tx, await policyOf(tx, ctx, input)));
    return {};
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribePolicies.html */
export const DescribePolicies = operation('DescribePolicies', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { AutoScalingGroupName: name, PolicyNames: names = [], PolicyTypes: types = [] } = input;
    const rows = await ctx.read(async (tx) => {
      if (name !== undefined) await groupOf(tx, ctx, name);
      return tx.list(policies, { where: ['scope', scopeKey(ctx)] });
    });
    const wanted = rows
      .map((row) => ({ row, view: policyView(row, alarmViews(row, row.alarms)) }))
      .filter(
        ({ row, view }) =>
          (name === undefined || row.groupName === name) &&
          (names.length === 0 || names.includes(row.name) || names.includes(policyArn(row))) &&
          (types.length === 0 || types.includes(view.PolicyType ?? '')),
      );
    const page = pageOf(wanted, ({ row }) => namedKey(row), input);
    return { ScalingPolicies: page.items.map(({ view }) => view), ...tokenOf(page) };
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ExecutePolicy.html */
export const ExecutePolicy = operation('ExecutePolicy', {
  resources: ofPolicy,
  handle: async (ctx, input) => {
    const { HonorCooldown: honors = false, MetricValue: value, BreachThreshold: threshold } = input;
    await ctx.write(async (tx) => {
      const policy = await policyOf(tx, ctx, input);
      const group = await liveGroup(tx, ctx, policy.groupName);
      const facts = { group, members: await membersOf(tx, group) };
      const { rules } = policy;
      if (rules.kind === 'tracking') throw notSupported('Executing a policy of type TargetTrackingScaling');
      if (rules.kind === 'step' && (value === undefined || threshold === undefined)) {
        throw invalid('MetricValue and BreachThreshold must be specified for a policy of type StepScaling.');
      }
      if (rules.kind === 'simple' && honors && isCooling(group, facts.members, ctx.now)) throw coolingDown(group.name);
      const decision =
        rules.kind === 'simple'
          ? decideSimple(facts, rules.simple, { now: ctx.now, honorsCooldown: false })
          : decideStep(facts, policy, (value ?? 0) - (threshold ?? 0), ctx.now);
      if (decision.kind !== 'scale' || decision.to === group.desired) return;
      const changes = [...group.changes, executed(ctx.now, policy.name, group.desired, decision.to)];
      const cooldownS = rules.kind === 'simple' ? rules.simple.cooldownS : undefined;
      const { cooldownS: _, ...rest } = group;
      await tx.put<GroupRow>(groups, {
        ...rest,
        desired: decision.to,
        changes,
        ...(cooldownS !== undefined && { cooldownS }),
      });
    });
    return {};
  },
});
