import type { Scope } from '../../kernel/arn.ts';
import { parseArn } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { checkDemandTags } from './domain/demand-settings.ts';
import { kindOfArn } from './domain/names.ts';
import { invalid } from './errors.ts';
import { listenerOf, listenerOfDefaultRule, loadBalancerOf, ruleOf, targetGroupOf, trustStoreOf } from './lookup.ts';
import { listeners, loadBalancers, rules, targetGroups, trustStores } from './tables.ts';

/** The tags of what an ARN names, of whatever kind. Throws what is said of one that is not there. */
export async function tagsOf(tx: ReadTx, scope: Scope, arn: string): Promise<Tags> {
  switch (kindOfArn(arn)) {
    case 'loadbalancer':
      return (await loadBalancerOf(tx, scope, arn)).tags;
    case 'targetgroup':
      return (await targetGroupOf(tx, scope, arn)).tags;
    case 'truststore':
      return (await trustStoreOf(tx, scope, arn)).tags;
    case 'listener':
      return (await listenerOf(tx, scope, arn)).tags;
    case 'listener-rule':
      return (await listenerOfDefaultRule(tx, scope, arn))?.defaultRuleTags ?? (await ruleOf(tx, scope, arn)).tags;
    default:
      throw invalid(`'${arn}' is not a valid resource ARN`);
  }
}

export async function changeTags(tx: WriteTx, scope: Scope, arn: string, edit: (tags: Tags) => Tags): Promise<void> {
  const tags = edit(await tagsOf(tx, scope, arn));
  switch (kindOfArn(arn)) {
    case 'loadbalancer':
      await tx.put(loadBalancers, { ...(await loadBalancerOf(tx, scope, arn)), tags });
      break;
    case 'targetgroup': {
      const row = await targetGroupOf(tx, scope, arn);
      checkDemandTags(tags, row.protocol);
      await tx.put(targetGroups, { ...row, tags });
      break;
    }
    case 'truststore':
      await tx.put(trustStores, { ...(await trustStoreOf(tx, scope, arn)), tags });
      break;
    case 'listener':
      await tx.put(listeners, { ...(await listenerOf(tx, scope, arn)), tags });
      break;
    default: {
      const listener = await listenerOfDefaultRule(tx, scope, arn);
      if (listener) await tx.put(listeners, { ...listener, defaultRuleTags: tags });
      else await tx.put(rules, { ...(await ruleOf(tx, scope, arn)), tags });
    }
  }
}

/** For `aws:ResourceTag`: undefined where nothing is behind the ARN. */
export async function tagsOfArn(tx: ReadTx, arn: string): Promise<Tags | undefined> {
  switch (kindOfArn(arn)) {
    case 'loadbalancer': {
      const row = await tx.get(loadBalancers, arn);
      return row?.deleted ? undefined : row?.tags;
    }
    case 'targetgroup':
      return (await tx.get(targetGroups, arn))?.tags;
    case 'truststore':
      return (await tx.get(trustStores, arn))?.tags;
    case 'listener':
      return (await tx.get(listeners, arn))?.tags;
    case 'listener-rule': {
      const { account = '', region = '' } = parseArn(arn) ?? {};
      const listener = await listenerOfDefaultRule(tx, { account, region }, arn);
      return listener ? listener.defaultRuleTags : (await tx.get(rules, arn))?.tags;
    }
    default:
      return undefined;
  }
}
