/** What IAM lets an ARN of its own begin with, in the order of its message. */
const IAM_PATHS = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
];

/** What is wrong with one Resource of a policy that IAM keeps, in AWS's words. */
export function resourceProblem(resource: string): string | undefined {
  if (resource === '*') return undefined;
  const [prefix, partition = '', service, region, account, ...rest] = resource.split(':');
  if (prefix !== 'arn') return `Resource ${resource} must be in ARN format or "*".`;
  if (partition !== 'aws' && partition !== '*') {
    const others = [service, region, account, rest.length > 0 ? rest.join(':') : undefined].map((one) => one ?? '*');
    return `Partition "${partition}" is not valid for resource "arn:${partition}:${others.join(':')}".`;
  }
  if (service === undefined || /[*?]/.test(service)) {
    return 'Resource vendor must be fully qualified and cannot contain regexes.';
  }
  if (service === 's3' && region && !account) return `Resource ${resource} can not contain region information.`;
  return service === 'iam' ? iamProblem(resource, region, rest.join(':')) : undefined;
}

function iamProblem(resource: string, region: string | undefined, path: string): string | undefined {
  if (region) return `IAM resource ${resource} cannot contain region information.`;
  if (path === '*' || IAM_PATHS.some((start) => path.startsWith(start))) return undefined;
  return `IAM resource path must either be "*" or start with ${IAM_PATHS.join(', ')}.`;
}

/** The older parser wants every field of an ARN that leaves one empty, and a service in each. */
export function failsLegacyParsing(resource: string): boolean {
  if (resource === '*') return false;
  const fields = resource.split(':');
  return fields[2] === '' || (fields.length <= 5 && resource.includes('::'));
}
