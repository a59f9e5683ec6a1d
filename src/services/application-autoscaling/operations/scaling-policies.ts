import type { PutScalingPolicyRequest } from '@aws-sdk/client-application-auto-scaling';
import { customizedProblem } from '../../../api/scaling/customized-metric.ts';
import { alarmNames, alarmViews, retireAlarms } from '../../../api/scaling/policy-alarms.ts';
import type { Context } from '../../../api/context.ts';
import { scopeKey } from '../../../kernel/arn.ts';
import { stepFrom, trackingFrom, unsaidIn } from '../domain/policy-input.ts';
import { customizedOf, type Tracked } from '../domain/tracked-metric.ts';
import { constraint, invalid, noSuchPolicy, notSupported } from '../errors.ts';
import { operation } from '../operation.ts';
import { namedKey, policies, policyArn, retiredAlarms, type PolicyRow } from '../tables.ts';
import { checkNamespace, pageOf, resourceIdOf, targetConditions, targetOf, targetResource } from '../targets.ts';
import { policyView } from '../views.ts';
import { removePolicy } from './scalable-targets.ts';

const MOST_POLICIES = 50;

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html */
export const PutScalingPolicy = operation('PutScalingPolicy', {
  resources: targetResource,
  conditions: targetConditions,
  handle: async (ctx, input) => {
    const resourceId = resourceIdOf(input);
    const name = checkName(input.PolicyName);
    await checkCustomized(ctx, input.TargetTrackingScalingPolicyConfiguration ?? {});
    const id = ctx.ids.uuid();
    const row = await ctx.write(async (tx) => {
      const { account, region } = await targetOf(tx, ctx, resourceId);
      const before = await tx.get(policies, namedKey({ account, region, resourceId, name }));
      const rules = rulesFrom(input, before);
      const alarms = rules.tracking ? alarmNames(resourceId, rules.tracking, before?.alarms ?? [], ctx.ids) : [];
      const kept = before ?? { account, region, resourceId, name, id, createdAtMs: ctx.now };
      const { step: _, tracking: __, alarmsDue: ___, ...rest } = { ...kept } as typeof kept & Partial<PolicyRow>;
      const unwanted = (before?.alarms ?? []).filter((one) => !alarms.includes(one));
      await retireAlarms(tx, retiredAlarms, ctx, unwanted);
      const next: PolicyRow = { ...rest, ...rules, alarms, ...(rules.tracking && { alarmsDue: true }) };
      if (
        !before &&
        (await tx.list(policies, { where: ['target', `${scopeKey(ctx)}|${resourceId}`] })).length >= MOST_POLICIES
      ) {
        throw invalid(`A scalable target can have ${MOST_POLICIES} scaling policies at most.`);
      }
      return tx.put(policies, next);
    });
    return { PolicyARN: policyArn(row), Alarms: alarmViews(row, row.alarms) };
  },
});

/** What cannot be asked of CloudWatch is refused now. */
async function checkCustomized(ctx: Context, tracked: Tracked): Promise<void> {
  const question = customizedOf(tracked);
  const problem = question && (await customizedProblem(ctx.call, question, ctx.now));
  if (problem !== undefined) throw invalid(problem);
}

function checkName(name: string | undefined): string {
  if (name === undefined || !/^[^|:\p{Cc}]{1,256}$/u.test(name)) {
    throw constraint(name ?? '', 'policyName', 'satisfy regular expression pattern: \\p{Print}+');
  }
  return name;
}

function rulesFrom(
  input: PutScalingPolicyRequest,
  before: PolicyRow | undefined,
): Pick<PolicyRow, 'step' | 'tracking' | 'unsaid'> {
  const {
    PolicyType,
    StepScalingPolicyConfiguration: step,
    TargetTrackingScalingPolicyConfiguration: tracking,
  } = input;
  const type = PolicyType ?? (before?.tracking ? 'TargetTrackingScaling' : 'StepScaling');
  if (type === 'PredictiveScaling' || input.PredictiveScalingPolicyConfiguration)
    throw notSupported('Predictive scaling');
  if (before && (before.tracking !== undefined) !== (type === 'TargetTrackingScaling')) {
    throw invalid('The type of a scaling policy cannot be changed.');
  }
  if (type === 'TargetTrackingScaling') {
    if (!tracking || step)
      throw invalid('TargetTrackingScalingPolicyConfiguration alone must be specified for TargetTrackingScaling.');
    return { tracking: trackingFrom(tracking), unsaid: unsaidIn(tracking) };
  }
  if (!step || tracking) throw invalid('StepScalingPolicyConfiguration alone must be specified for StepScaling.');
  return { step: stepFrom(step), unsaid: unsaidIn(step) };
}

export const DeleteScalingPolicy = operation('DeleteScalingPolicy', {
  resources: targetResource,
  conditions: targetConditions,
  handle: async (ctx, input) => {
    const resourceId = resourceIdOf(input);
    const { account, region } = ctx;
    const { PolicyName: name = '' } = input;
    await ctx.write(async (tx) => {
      const row = await tx.get(policies, namedKey({ account, region, resourceId, name }));
      if (!row) throw noSuchPolicy(name, resourceId);
      await removePolicy(tx, row);
    });
    return {};
  },
});

export const DescribeScalingPolicies = operation('DescribeScalingPolicies', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    checkNamespace(input);
    const rows = await ctx.read((tx) => tx.list(policies, { where: ['scope', scopeKey(ctx)] }));
    const wanted = rows.filter(
      (row) =>
        (input.ResourceId === undefined || row.resourceId === input.ResourceId) &&
        (input.PolicyNames ?? [row.name]).includes(row.name),
    );
    const { items, nextToken } = pageOf(wanted, namedKey, input);
    return { ScalingPolicies: items.map(policyView), ...(nextToken !== undefined && { NextToken: nextToken }) };
  },
});
