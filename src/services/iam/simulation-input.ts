import type { ContextEntry } from '@aws-sdk/client-iam';
import { parseArn } from '../../kernel/arn.ts';
import { actionFacts, resourceTypeOf } from '../../policy/facts/facts.ts';
import { checkPolicy, type PolicyKind } from '../../policy/document.ts';
import { contextValues } from './domain/simulated-context.ts';
import { simulatedPolicy, type SimulatedCaller, type SimulatedPolicy, type Simulation } from './domain/simulation.ts';
import { invalidInput } from './errors.ts';

/** What SimulateCustomPolicy and SimulatePrincipalPolicy both take. */
export interface SimulationInput {
  readonly ActionNames?: readonly string[] | undefined;
  readonly PolicyInputList?: readonly string[] | undefined;
  readonly PermissionsBoundaryPolicyInputList?: readonly string[] | undefined;
  readonly ResourceArns?: readonly string[] | undefined;
  readonly ResourcePolicy?: string | undefined;
  readonly ResourceOwner?: string | undefined;
  readonly ContextEntries?: readonly ContextEntry[] | undefined;
  readonly ResourceHandlingOption?: string | undefined;
}

/** Who calls and with what, besides the policies of the input. */
export interface SimulationBase {
  readonly caller: SimulatedCaller;
  readonly identity: readonly SimulatedPolicy[];
  readonly boundary?: SimulatedPolicy | undefined;
}

/** @throws ServiceError InvalidInput */
export function simulationOf(input: SimulationInput, { caller, identity, boundary }: SimulationBase): Simulation {
  const own = inputPolicies(input.PolicyInputList, 'PolicyInputList', 'identity');
  const [givenBoundary, ...more] = inputPolicies(
    input.PermissionsBoundaryPolicyInputList,
    'PermissionsBoundaryPolicyInputList',
    'boundary',
  );
  if (more.length > 0) throw invalidInput('PermissionsBoundaryPolicyInputList must have at most one policy.');
  const [resourcePolicy] = inputPolicies(listOf(input.ResourcePolicy), 'ResourcePolicy', 'resource');
  const bounds = givenBoundary ?? boundary;
  return {
    caller,
    identity: [...identity, ...own],
    ...(bounds && { boundary: bounds }),
    ...(resourcePolicy && { resourcePolicy }),
    resourceOwner: accountOf(input.ResourceOwner) ?? caller.principal.account,
    context: { ...caller.values, ...contextValues(input.ContextEntries) },
  };
}

/**
 * The documents of a list, checked.
 * @throws ServiceError InvalidInput, naming the document
 */
export function inputPolicies(
  texts: readonly string[] | undefined,
  member: string,
  kind: PolicyKind,
): SimulatedPolicy[] {
  return (texts ?? []).map((text, index) => {
    const sourceId = kind === 'resource' ? member : `${member}.${index + 1}`;
    const problem = checkPolicy(text, kind);
    if (problem) throw invalidInput(`${sourceId}: ${problem.message}`);
    return simulatedPolicy(sourceId, text);
  });
}

/** The ARNs to decide on, `*` where none is given. Throws InvalidInput for what is no ARN. */
export function simulatedResources({ ResourceArns: arns = [] }: SimulationInput): readonly string[] {
  const wrong = arns.find((arn) => arn !== '*' && !parseArn(arn));
  if (wrong !== undefined) throw invalidInput(`Invalid ARN: ${wrong}`);
  return arns.length === 0 ? ['*'] : [...new Set(arns)];
}

/** Throws InvalidInput for a wildcard, or a name without its service. */
export function simulatedActions({ ActionNames: names = [] }: SimulationInput): readonly string[] {
  const wrong = names.find((name) => !/^[\w-]+:[\w-]+$/.test(name));
  if (wrong !== undefined) throw invalidInput(`Invalid action name: ${wrong}`);
  return names;
}

/** What the answer calls the resource: the form of the ARNs of its type, or `*`. */
export async function resourceTemplate(action: string, resources: readonly string[]): Promise<string> {
  const [first = '*'] = resources;
  if (first === '*') return first;
  const type = (await resourceTypeOf(action, first)) ?? (await actionFacts(action))?.resourceTypes[0];
  return type?.arnPatterns[0] ?? '*';
}

/** Throws InvalidInput naming a parameter that this server does not simulate. */
export function refuseUnsupported(input: SimulationInput & object): void {
  const unsupported = ['ResourceHandlingOption', 'OrderedOrganizationPolicyInputList', 'PolicyExclusionList'];
  const given = unsupported.find((member) => Object.hasOwn(input, member) && Reflect.get(input, member) !== undefined);
  if (given !== undefined) throw invalidInput(`${given} is not supported.`);
}

function listOf(text: string | undefined): string[] {
  return text === undefined ? [] : [text];
}

/** @param owner `arn:aws:iam::111122223333:root` */
function accountOf(owner: string | undefined): string | undefined {
  if (owner === undefined) return undefined;
  const account = parseArn(owner)?.account ?? '';
  if (!/^\d{12}$/.test(account)) throw invalidInput(`Invalid ARN: ${owner}`);
  return account;
}
