import { named } from '../authorization.ts';
import { attributeList, withAttributes } from '../domain/attributes.ts';
import { checkListenerAttributes, listenerAttributes } from '../domain/listener-attributes.ts';
import { listenerOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { listeners } from '../tables.ts';

export const DescribeListenerAttributes = operation('DescribeListenerAttributes', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => listenerOf(tx, ctx, input.ListenerArn));
    return { Attributes: attributeList(listenerAttributes(row.protocol), row.attributes ?? {}) };
  },
});

export const ModifyListenerAttributes = operation('ModifyListenerAttributes', {
  resources: (input) => named([input.ListenerArn]),
  handle: async (ctx, input) => {
    const row = await ctx.write(async (tx) => {
      const before = await listenerOf(tx, ctx, input.ListenerArn);
      const known = listenerAttributes(before.protocol);
      const attributes = withAttributes(known, before.attributes ?? {}, input.Attributes ?? []);
      checkListenerAttributes(attributes);
      return tx.put(listeners, { ...before, attributes });
    });
    return { Attributes: attributeList(listenerAttributes(row.protocol), row.attributes ?? {}) };
  },
});
