import { named } from '../authorization.ts';
import {
  attributeList,
  checkTargetGroupAttributes,
  targetGroupAttributes,
  withAttributes,
} from '../domain/attributes.ts';
import { isStream } from '../domain/protocols.ts';
import { zonelessTargets } from '../errors.ts';
import { targetGroupOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { targetGroups, targets } from '../tables.ts';

export const DescribeTargetGroupAttributes = operation('DescribeTargetGroupAttributes', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => targetGroupOf(tx, ctx, input.TargetGroupArn));
    return { Attributes: attributeList(targetGroupAttributes(row), row.attributes) };
  },
});

export const ModifyTargetGroupAttributes = operation('ModifyTargetGroupAttributes', {
  resources: (input) => named([input.TargetGroupArn]),
  handle: async (ctx, input) => {
    const row = await ctx.write(async (tx) => {
      const before = await targetGroupOf(tx, ctx, input.TargetGroupArn);
      const attributes = withAttributes(targetGroupAttributes(before), before.attributes, input.Attributes ?? []);
      checkTargetGroupAttributes(before, attributes);
      if (!isStream(before.protocol) && attributes['load_balancing.cross_zone.enabled'] === 'false') {
        const rows = await tx.list(targets, { where: ['targetGroup', before.arn] });
        if (rows.some((row) => row.zoneName === 'all')) throw zonelessTargets();
      }
      return tx.put(targetGroups, { ...before, attributes });
    });
    return { Attributes: attributeList(targetGroupAttributes(row), row.attributes) };
  },
});
