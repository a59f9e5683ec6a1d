import type { SimulatePolicyResponse } from '@aws-sdk/client-iam';
import type { ReadTx } from '../../../store/store.ts';
import { simulate, simulatedPolicy, type SimulatedCaller, type Simulation } from '../domain/simulation.ts';
import { invalidInput } from '../errors.ts';
import { operation } from '../operation.ts';
import { pageInOrder } from '../ordered-page.ts';
import type { PageInput } from '../pages.ts';
import {
  boundaryOfEntity,
  entityByArn,
  entityName,
  policiesOfEntity,
  type Entity,
  type OwnedPolicy,
} from '../policy-source.ts';
import { anybodyOf, callerOf, namedCaller } from '../simulated-caller.ts';
import {
  refuseUnsupported,
  resourceTemplate,
  simulatedActions,
  simulatedResources,
  simulationOf,
  type SimulationInput,
} from '../simulation-input.ts';
import { evaluationResult } from '../simulation-views.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html */
export const SimulateCustomPolicy = operation('SimulateCustomPolicy', {
  resources: () => ['*'],
  readOnly: true,
  handle: async ({ account }, input) => {
    refuseUnsupported(input);
    const { CallerArn, ResourcePolicy } = input;
    if (ResourcePolicy !== undefined && CallerArn === undefined) {
      throw invalidInput('CallerArn is required when a ResourcePolicy is given.');
    }
    const caller = CallerArn === undefined ? anybodyOf(account) : namedCaller(CallerArn);
    return answer(input, simulationOf(input, { caller, identity: [] }));
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html */
export const SimulatePrincipalPolicy = operation('SimulatePrincipalPolicy', {
  resources: ({ PolicySourceArn = '' }) => [PolicySourceArn],
  readOnly: true,
  handle: async (ctx, input) => {
    refuseUnsupported(input);
    const { account } = ctx;
    const base = await ctx.read(async (tx) => {
      const source = await entityByArn(tx, account, input.PolicySourceArn ?? '');
      const boundary = await boundaryOfEntity(tx, source);
      return {
        caller: await callerFor(tx, account, { source, ...input }),
        identity: (await policiesOfEntity(tx, source)).map((policy) =>
          simulatedPolicy(sourceIdOf(policy), policy.document),
        ),
        boundary: boundary === undefined ? undefined : simulatedPolicy('PermissionsBoundary', boundary),
      };
    });
    return answer(input, simulationOf(input, base));
  },
});

interface CallerInput {
  readonly source: Entity;
  readonly CallerArn?: string | undefined;
  readonly ResourcePolicy?: string | undefined;
}

/** The caller is who has the policies, unless another user is named: it is then simulated as if it had them. */
async function callerFor(
  tx: ReadTx,
  account: string,
  { source, CallerArn, ResourcePolicy }: CallerInput,
): Promise<SimulatedCaller> {
  if (CallerArn === undefined) {
    if (ResourcePolicy === undefined || source.kind === 'user') return callerOf(source);
    throw invalidInput('CallerArn is required when a ResourcePolicy is given and PolicySourceArn is not a user.');
  }
  const { kind, owner } = entityName(CallerArn);
  if (kind !== 'user') throw invalidInput(`CallerArn must be the ARN of a user: ${CallerArn}`);
  return owner === account ? callerOf(await entityByArn(tx, account, CallerArn)) : namedCaller(CallerArn);
}

/** A page of actions, each decided on every resource. */
async function answer(input: SimulationInput & PageInput, simulation: Simulation): Promise<SimulatePolicyResponse> {
  const resources = simulatedResources(input);
  const { items, page } = pageInOrder(simulatedActions(input), input);
  const results = items.map(async (name) => {
    const template = await resourceTemplate(name, resources);
    return evaluationResult(
      name,
      template,
      resources.map((resource) => simulate(simulation, name, resource)),
    );
  });
  return { EvaluationResults: await Promise.all(results), ...page };
}

function sourceIdOf({ type, name, owner }: OwnedPolicy): string {
  return type === 'managed' ? name : `${owner.kind}_${owner.row.name}_${name}`;
}
