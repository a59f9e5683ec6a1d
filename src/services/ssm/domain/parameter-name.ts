import { parseArn, type Scope } from '../../../kernel/arn.ts';
import { invalid, invalidName, notQualified, reservedName, reservedPrefix, tooDeep } from '../errors.ts';

const MAX_DEPTH = 15;
/** Of the ARN, which counts. */
const MAX_ARN = 1011;
const SECRET_PREFIX = '/aws/reference/secretsmanager/';

/** What a read names: a parameter, and perhaps one version of it by number or label. */
export interface ParameterReference {
  readonly name: string;
  readonly selector?: string;
  /** Of an ARN: where the parameter is. */
  readonly place?: Scope;
}

/**
 * `name`, `name:3`, `name:label`, or the same with an ARN in place of the name.
 * @throws ValidationException
 */
export function parseReference(text: string): ParameterReference {
  const { rest, place } = placeIn(text);
  const [name = '', selector, ...more] = rest.split(':');
  if (!/^[\w./-]+$/.test(name) || (name.includes('/') && !name.startsWith('/')) || more.length > 0) throw invalidName();
  return { name, ...(selector && { selector }), ...(place && { place }) };
}

/**
 * The name of a parameter as a whole, where AWS takes no version and no ARN.
 * @throws ValidationException
 */
export function parseName(text: string): string {
  const { name } = parseReference(text);
  if (name !== text.trim()) throw invalidName();
  return name;
}

/** What an ARN says of the place, and the name with its version; or the text as it is. */
export function placeIn(text: string): { readonly rest: string; readonly place?: Scope } {
  const rest = text.trim();
  const arn = parseArn(rest);
  if (arn?.partition !== 'aws' || arn.service !== 'ssm' || !arn.resource.startsWith('parameter/')) return { rest };
  return { rest: arn.resource.slice('parameter'.length), place: { account: arn.account, region: arn.region } };
}

/** The name of the secret behind `/aws/reference/secretsmanager/NAME`. */
export function secretIn({ name }: ParameterReference): string | undefined {
  return name.startsWith(SECRET_PREFIX) ? name.slice(SECRET_PREFIX.length) : undefined;
}

/**
 * A name for a parameter that may not be there yet, without blanks around it.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html
 * @throws ValidationException, AccessDeniedException, HierarchyLevelLimitExceededException
 */
export function checkNewName(text: string, arnOf: (name: string) => string): string {
  const name = text.trim();
  const levels = name.replace(/^\//, '').split('/');
  const isPath = levels.length > 1;
  if (/^\/?aws/i.test(name)) throw isPath ? reservedName(name) : reservedPrefix();
  if (/^\/?ssm/i.test(name)) throw isPath ? invalidName() : reservedPrefix();
  if (!/^[\w./-]+$/.test(name) || levels.includes('')) throw invalidName();
  if (isPath && !name.startsWith('/')) throw notQualified();
  if (levels.length > MAX_DEPTH) throw tooDeep();
  if (arnOf(name).length > MAX_ARN) {
    throw invalid(`Parameter name: the name with its ARN can have at most ${MAX_ARN} characters.`);
  }
  return name;
}
