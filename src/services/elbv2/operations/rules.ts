import type { Context } from '../../../api/context.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { named, tagOnCreate } from '../authorization.ts';
import { actionFrom } from '../domain/actions.ts';
import { conditionsFrom } from '../domain/conditions.ts';
import { ruleArn } from '../domain/names.ts';
import { isStream } from '../domain/protocols.ts';
import { QUOTAS } from '../domain/quotas.ts';
import { withTags } from '../domain/tags.ts';
import { transformsFrom } from '../domain/transforms.ts';
import { invalid, invalidConfiguration, notPermitted, priorityInUse, ruleNotFound, tooMany } from '../errors.ts';
import { checkForwarding } from '../forwarding.ts';
import { inScope, listenerOf, listenerOfDefaultRule, ruleOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { page } from '../paging.ts';
import { rules, type ListenerRow, type RuleRow } from '../tables.ts';
import { defaultRuleView, ruleView } from '../views.ts';

export const CreateRule = operation('CreateRule', {
  resources: (input) => named([input.ListenerArn]),
  also: (input) => tagOnCreate(input, 'CreateRule', ruleArn(input.ListenerArn ?? '*', '*')),
  handle: async (ctx, input) => {
    const transforms = transformsFrom(input.Transforms ?? []);
    const conditions = conditionsFrom(input.Conditions ?? []);
    const priority = checkPriority(input.Priority);
    const id = ctx.ids.hex(16);
    const row = await ctx.write(async (tx) => {
      const listener = await listenerOf(tx, ctx, input.ListenerArn);
      if (isStream(listener.protocol)) {
        throw invalidConfiguration(`Rules are not supported with listener protocol '${listener.protocol}'`);
      }
      const action = actionFrom(input.Actions ?? [], listener.protocol);
      const siblings = await tx.list(rules, { where: ['listener', listener.arn] });
      if (siblings.some((rule) => rule.priority === priority)) throw priorityInUse(priority);
      const ofLoadBalancer = await tx.list(rules, { where: ['loadBalancer', listener.loadBalancerArn] });
      if (ofLoadBalancer.length >= QUOTAS.rules) {
        throw tooMany('TooManyRulesException', 'The limit on the number of rules has been reached');
      }
      await checkForwarding(
        tx,
        ctx,
        action,
        { arn: listener.loadBalancerArn, vpcId: listener.vpcId },
        listener.protocol,
      );
      return tx.put<RuleRow>(rules, {
        account: ctx.account,
        region: ctx.region,
        arn: ruleArn(listener.arn, id),
        id,
        listenerArn: listener.arn,
        loadBalancerArn: listener.loadBalancerArn,
        vpcId: listener.vpcId,
        priority,
        conditions,
        action,
        ...(transforms.length > 0 ? { transforms } : {}),
        tags: withTags({}, input.Tags),
      });
    });
    return { Rules: [ruleView(row)] };
  },
});

function checkPriority(priority: number | undefined): number {
  if (priority === undefined) throw invalid('A rule priority must be specified');
  if (priority < 1 || priority > 50_000) {
    throw invalid(`Rule priority '${priority}' must be between 1 and 50000`);
  }
  return priority;
}

/** By ascending priority, the default rule last. */
export const DescribeRules = operation('DescribeRules', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { ListenerArn: listenerArn, RuleArns: arns = [] } = input;
    if ((listenerArn === undefined) === (arns.length === 0)) {
      throw invalid('You must specify either listener rule ARNs or a listener ARN');
    }
    const found = await ctx.read((tx) =>
      listenerArn === undefined ? requested(tx, ctx, arns) : ofListener(tx, ctx, listenerArn),
    );
    const keyOf = (row: AnyRule) => `${String('priority' in row ? row.priority : 99_999).padStart(5, '0')} ${row.arn}`;
    const { items, next } = page(
      found.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
      keyOf,
      input,
    );
    return { Rules: items.map((row) => ('priority' in row ? ruleView(row) : defaultRuleView(row))), ...next };
  },
});

/** A listener stands for its default rule. */
type AnyRule = Stored<RuleRow> | Stored<ListenerRow>;

async function ofListener(tx: ReadTx, ctx: Context, listenerArn: string): Promise<readonly AnyRule[]> {
  const listener = await listenerOf(tx, ctx, listenerArn);
  return [...(await tx.list(rules, { where: ['listener', listener.arn] })), listener];
}

async function requested(tx: ReadTx, ctx: Context, arns: readonly string[]): Promise<readonly AnyRule[]> {
  return Promise.all(
    arns.map(async (arn) => {
      const row = (await tx.get(rules, arn)) ?? (await listenerOfDefaultRule(tx, ctx, arn));
      if (!row || !inScope(row, ctx)) throw ruleNotFound();
      return row;
    }),
  );
}

export const ModifyRule = operation('ModifyRule', {
  resources: (input) => named([input.RuleArn]),
  handle: async (ctx, input) => {
    if (!input.Conditions && !input.Actions && !input.Transforms && !input.ResetTransforms) {
      throw invalid('Either conditions, actions or transforms must be specified');
    }
    if (input.ResetTransforms && input.Transforms?.length) {
      throw invalid('Transforms cannot be specified when they are reset');
    }
    const changed = input.ResetTransforms ? [] : input.Transforms && transformsFrom(input.Transforms);
    const row = await ctx.write(async (tx) => {
      await refuseDefaultRule(tx, ctx, input.RuleArn, 'modified');
      const { transforms: kept = [], ...before } = await ruleOf(tx, ctx, input.RuleArn);
      const transforms = changed ?? kept;
      const listener = await listenerOf(tx, ctx, before.listenerArn);
      const conditions = input.Conditions ? conditionsFrom(input.Conditions) : before.conditions;
      const action = input.Actions ? actionFrom(input.Actions, listener.protocol) : before.action;
      await checkForwarding(tx, ctx, action, { arn: before.loadBalancerArn, vpcId: before.vpcId }, listener.protocol);
      return tx.put<RuleRow>(rules, {
        ...before,
        conditions,
        action,
        ...(transforms.length > 0 ? { transforms } : {}),
      });
    });
    return { Rules: [ruleView(row)] };
  },
});

export const DeleteRule = operation('DeleteRule', {
  resources: (input) => named([input.RuleArn]),
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      await refuseDefaultRule(tx, ctx, input.RuleArn, 'deleted');
      const row = await ruleOf(tx, ctx, input.RuleArn);
      await tx.delete(rules, row.arn);
    });
    return {};
  },
});

async function refuseDefaultRule(tx: ReadTx, ctx: Context, arn = '', what: string): Promise<void> {
  if (await listenerOfDefaultRule(tx, ctx, arn)) throw notPermitted(`Default rule '${arn}' cannot be ${what}`);
}

/** All at once, so that two rules can change places. */
export const SetRulePriorities = operation('SetRulePriorities', {
  resources: (input) => named(input.RulePriorities?.map((pair) => pair.RuleArn)),
  handle: async (ctx, input) => {
    const pairs = (input.RulePriorities ?? []).map((pair) => ({
      arn: pair.RuleArn ?? '',
      priority: checkPriority(pair.Priority),
    }));
    if (pairs.length === 0) throw invalid('At least one rule priority must be specified');
    if (new Set(pairs.map((pair) => pair.arn)).size < pairs.length)
      throw invalid('A rule was specified more than once');
    const rows = await ctx.write(async (tx) => {
      const changed = await Promise.all(
        pairs.map(async (pair) => {
          await refuseDefaultRule(tx, ctx, pair.arn, 'modified');
          return { ...(await ruleOf(tx, ctx, pair.arn)), priority: pair.priority };
        }),
      );
      for (const row of changed) {
        const siblings = (await tx.list(rules, { where: ['listener', row.listenerArn] })).map(
          (rule) => changed.find((it) => it.arn === rule.arn) ?? rule,
        );
        if (siblings.some((rule) => rule.arn !== row.arn && rule.priority === row.priority))
          throw priorityInUse(row.priority);
      }
      return Promise.all(changed.map((row) => tx.put(rules, row)));
    });
    return { Rules: rows.map(ruleView) };
  },
});
