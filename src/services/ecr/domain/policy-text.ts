import { checkPolicy } from '../../../policy/document.ts';
import { invalidParameter } from '../errors.ts';

const MOST_CHARACTERS = 10_240;

type Statement = Readonly<Record<string, unknown>>;

interface Policy {
  readonly version: string;
  readonly statements: readonly Statement[];
}

/**
 * A repository policy's statements are about the repository they are on, and name no resource.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 * @throws ServiceError InvalidParameterException
 */
export function checkRepositoryPolicy(text: string): string {
  const namesNone = ({ statements }: Policy) =>
    statements.every((one) => one['Resource'] === undefined && one['NotResource'] === undefined);
  if (!isPolicy(text, namesNone)) throw invalidParameter('PolicyText', 'Invalid repository policy provided');
  return text;
}

/**
 * A registry policy's statements name repositories of the registry.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
 * @param registryArn e.g. `arn:aws:ecr:us-east-1:123456789012:`
 * @throws ServiceError InvalidParameterException
 */
export function checkRegistryPolicy(text: string, registryArn: string): string {
  const isInside = (resource: string) => resource === '*' || resource.startsWith(`${registryArn}repository/`);
  const namesOwn = ({ statements }: Policy) =>
    statements.every((one) => {
      const named = textsOf(one['Resource']);
      return named.length > 0 && named.every(isInside);
    });
  if (!isPolicy(text, namesOwn)) throw invalidParameter('PolicyText', 'Invalid registry policy provided');
  return text;
}

/**
 * One policy that says what all of them say. In a policy of 2008 `${` begins no variable.
 * @param texts of policies that were checked
 */
export function mergePolicies(texts: readonly string[]): string | undefined {
  if (texts.length < 2) return texts[0];
  const statements = texts
    .map(readPolicy)
    .flatMap(({ version, statements: own }) =>
      version === '2012-10-17' ? own : (JSON.parse(JSON.stringify(own).replaceAll('${', '${$}{')) as Statement[]),
    );
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

/** The AWS principals that a checked policy names, e.g. `arn:aws:iam::123456789012:user/ann`, each once. */
export function awsPrincipals(text: string): string[] {
  const elements = readPolicy(text).statements.flatMap((one) => [one['Principal'], one['NotPrincipal']]);
  return [...new Set(elements.flatMap((element) => textsOf((element as { AWS?: unknown } | undefined)?.AWS)))];
}

function isPolicy(text: string, isFit: (policy: Policy) => boolean): boolean {
  if (text.length > MOST_CHARACTERS || checkPolicy(text, 'resource') !== undefined) return false;
  const policy = readPolicy(text);
  return policy.statements.every(isAboutEcr) && isFit(policy);
}

function isAboutEcr(statement: Statement): boolean {
  const actions = [...textsOf(statement['Action']), ...textsOf(statement['NotAction'])];
  return actions.every((action) => action === '*' || action.toLowerCase().startsWith('ecr:'));
}

function readPolicy(text: string): Policy {
  const { Version: version = '2008-10-17', Statement: statement } = JSON.parse(text) as {
    Version?: string;
    Statement: Statement | Statement[];
  };
  return { version, statements: Array.isArray(statement) ? statement : [statement] };
}

function textsOf(value: unknown): string[] {
  return [value].flat().filter((one) => typeof one === 'string');
}
