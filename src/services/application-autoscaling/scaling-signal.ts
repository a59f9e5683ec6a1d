import { signalWriter } from '../../api/scaling/signal.ts';
import type { Store } from '../../store/store.ts';
import { namedKey, policies, policyIn, signals } from './tables.ts';

/** Writes down what an alarm says to a policy; the reconciler of the policy's target acts on it. */
export const scalingSignals = (store: Store) =>
  signalWriter(store, signals, async (tx, policyArn, said) => {
    const named = policyIn(policyArn);
    const key = named && namedKey({ account: said.account, region: said.region, ...named });
    if (!named || !key || !(await tx.get(policies, key))) return undefined;
    return { ...said, resourceId: named.resourceId, policyName: named.name };
  });
