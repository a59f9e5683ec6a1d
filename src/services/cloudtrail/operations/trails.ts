import type { CreateTrailRequest, UpdateTrailRequest } from '@aws-sdk/client-cloudtrail';
import type { Permission } from '../../../api/operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { checkBucket, checkLogGroup } from '../destination-checks.ts';
import { endDeliveries, followTrail } from '../deliveries.ts';
import { DEFAULT_SELECTORS } from '../domain/selectors.ts';
import { trailNameProblem } from '../domain/trail-name.ts';
import { changedSettings, NEW_TRAIL, type TrailSettings } from '../domain/trail-settings.ts';
import { invalidTrailName, tooManyTrails, trailExists } from '../errors.ts';
import { operation, type CloudTrailContext } from '../operation.ts';
import { startOf } from '../start.ts';
import { trails, type TrailRow } from '../tables.ts';
import { withTags } from '../tags.ts';
import { homeTrailOf, requestedArn, trailArn, visibleTrails } from '../trails.ts';
import { trailSettings } from '../views.ts';

const MOST_TRAILS = 5;
const ID_DIGITS = 16;

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html */
export const CreateTrail = operation('CreateTrail', {
  resources: (input, scope) => [requestedArn(input.Name, scope)],
  also: (input, scope) => [
    ...passedRole(input),
    ...(input.TagsList?.length ? [{ action: 'cloudtrail:AddTags', resources: [requestedArn(input.Name, scope)] }] : []),
  ],
  handle: async (ctx, input) => {
    const name = input.Name ?? '';
    const problem = trailNameProblem(name);
    if (problem !== undefined) throw invalidTrailName(problem);
    const settings = changedSettings(NEW_TRAIL, input, ctx.account);
    const trail: TrailRow = {
      account: ctx.account,
      region: ctx.region,
      arn: trailArn(ctx, name),
      name,
      id: ctx.ids.hex(ID_DIGITS),
      createdAtMs: ctx.now,
      ...settings,
      selectors: DEFAULT_SELECTORS,
      tags: withTags({}, input.TagsList),
      logging: false,
    };
    await ctx.read((tx) => refuseAnother(tx, ctx, name));
    await checkDestinations(ctx, trail.arn, settings);
    await ctx.write(async (tx) => {
      await refuseAnother(tx, ctx, name);
      await tx.put(trails, trail);
    });
    return trailSettings(trail);
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html */
export const UpdateTrail = operation('UpdateTrail', {
  resources: (input, scope) => [requestedArn(input.Name, scope)],
  also: (input) => passedRole(input),
  handle: async (ctx, input) => {
    const name = input.Name ?? '';
    const before = await ctx.read((tx) => homeTrailOf(tx, ctx, name));
    const settings = changedSettings(before, input, ctx.account);
    await checkDestinations(ctx, before.arn, settings);
    const start = await startOf(ctx);
    const { prefix: _, logGroupArn: __, logsRoleArn: ___, ...rest } = before;
    const row = await ctx.write(async (tx) => {
      // A trail that was changed since then is a conflict: it has to be checked anew.
      const after = await tx.put(trails, { ...rest, ...settings });
      await followTrail(tx, after, start);
      return after;
    });
    return trailSettings(row);
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html */
export const DeleteTrail = operation('DeleteTrail', {
  resources: (input, scope) => [requestedArn(input.Name, scope)],
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const { revision: _, ...trail } = await homeTrailOf(tx, ctx, input.Name ?? '');
      await endDeliveries(tx, trail, ctx);
      await tx.delete(trails, trail.arn);
    });
    return {};
  },
});

function passedRole(input: CreateTrailRequest | UpdateTrailRequest): readonly Permission[] {
  const role = input.CloudWatchLogsRoleArn;
  if (!role) return [];
  return [
    { action: 'iam:PassRole', resources: [role], conditions: { 'iam:passedtoservice': 'cloudtrail.amazonaws.com' } },
  ];
}

async function refuseAnother(tx: ReadTx, scope: Scope, name: string): Promise<void> {
  const visible = await visibleTrails(tx, scope);
  if (visible.some((trail) => trail.name === name)) throw trailExists(name, scope.account);
  if (visible.length >= MOST_TRAILS) throw tooManyTrails(scope.account, scope.region, MOST_TRAILS);
}

async function checkDestinations(ctx: CloudTrailContext, arn: string, settings: TrailSettings): Promise<void> {
  await checkBucket(ctx, arn, settings);
  await checkLogGroup(ctx, settings);
}
