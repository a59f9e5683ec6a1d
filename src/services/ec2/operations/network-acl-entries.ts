import type { Scope } from '../../../kernel/arn.ts';
import { writeRegion } from '../default-vpc.ts';
import { entryOf, withEntry, withoutEntry } from '../domain/network-acl.ts';
import { arnsOf, KINDS } from '../domain/resource-kind.ts';
import { missingParameter } from '../errors.ts';
import { requireNetworkAcl } from '../lookup.ts';
import { operation } from '../operation.ts';
import { networkAcls } from '../tables.ts';

const namedAcl = (input: { readonly NetworkAclId?: string | undefined }, scope: Scope) =>
  arnsOf(KINDS.networkAcl, scope, [input.NetworkAclId]);

export const CreateNetworkAclEntry = operation('CreateNetworkAclEntry', {
  resources: namedAcl,
  handle: async (ctx, input) => {
    await writeRegion(ctx, async (tx) => {
      const acl = await requireNetworkAcl(tx, ctx, input.NetworkAclId);
      await tx.put(networkAcls, withEntry(acl, entryOf(input)));
    });
    return {};
  },
});

export const ReplaceNetworkAclEntry = operation('ReplaceNetworkAclEntry', {
  resources: namedAcl,
  handle: async (ctx, input) => {
    await writeRegion(ctx, async (tx) => {
      const acl = await requireNetworkAcl(tx, ctx, input.NetworkAclId);
      const entry = entryOf(input);
      await tx.put(networkAcls, withEntry(withoutEntry(acl, entry), entry));
    });
    return {};
  },
});

export const DeleteNetworkAclEntry = operation('DeleteNetworkAclEntry', {
  resources: namedAcl,
  handle: async (ctx, input) => {
    const { RuleNumber: ruleNumber, Egress: egress } = input;
    if (ruleNumber === undefined) throw missingParameter('ruleNumber');
    if (egress === undefined) throw missingParameter('egress');
    await writeRegion(ctx, async (tx) => {
      const acl = await requireNetworkAcl(tx, ctx, input.NetworkAclId);
      await tx.put(networkAcls, withoutEntry(acl, { ruleNumber, egress }));
    });
    return {};
  },
});
