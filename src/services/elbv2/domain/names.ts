import { formatArn, parseArn, type Scope } from '../../../kernel/arn.ts';
import { invalid } from '../errors.ts';

/** Names of load balancers and target groups: up to 32 letters, digits and hyphens, none of these at an end. */
export function checkName(kind: 'Load balancer' | 'Target group' | 'Trust store', name: string): void {
  if (name.length < 1 || name.length > 32)
    throw invalid(`${kind} name '${name}' cannot be longer than '32' characters`);
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw invalid(`${kind} name '${name}' can only contain characters that are alphanumeric characters and hyphens(-)`);
  }
  if (/^-|-$/.test(name)) throw invalid(`${kind} name '${name}' cannot begin or end with a hyphen(-)`);
  if (kind === 'Load balancer' && name.startsWith('internal-')) {
    throw invalid(`Load balancer name '${name}' cannot begin with 'internal-'`);
  }
}

/** @param type an application load balancer unless it says `network` */
export function loadBalancerArn(scope: Scope, type: string | undefined, name: string, id: string): string {
  return formatArn('elasticloadbalancing', scope, `loadbalancer/${type === 'network' ? 'net' : 'app'}/${name}/${id}`);
}

export function targetGroupArn(scope: Scope, name: string, id: string): string {
  return formatArn('elasticloadbalancing', scope, `targetgroup/${name}/${id}`);
}

export function trustStoreArn(scope: Scope, name: string, id: string): string {
  return formatArn('elasticloadbalancing', scope, `truststore/${name}/${id}`);
}

/** `app/NAME/ID` of a load balancer's ARN */
export function resourceIdOf(loadBalancer: string): string {
  return loadBalancer.replace(/^.*:loadbalancer\//, '');
}

/** `listener/app/NAME/LB-ID/ID` */
export function listenerArn(loadBalancer: string, id: string): string {
  return `${loadBalancer.replace(':loadbalancer/', ':listener/')}/${id}`;
}

/** `listener-rule/app/NAME/LB-ID/LISTENER-ID/ID` */
export function ruleArn(listener: string, id: string): string {
  return `${listener.replace(':listener/', ':listener-rule/')}/${id}`;
}

/** The listener that a rule's ARN is about. */
export function listenerOfRule(rule: string): string {
  return rule.replace(':listener-rule/', ':listener/').replace(/\/[^/]*$/, '');
}

export type ResourceKind = (typeof KINDS)[number];

const KINDS = ['loadbalancer', 'targetgroup', 'listener', 'listener-rule', 'truststore'] as const;

/** What an ARN of this service is about; undefined for any other text. */
export function kindOfArn(arn: string): ResourceKind | undefined {
  const parsed = parseArn(arn);
  const kind = parsed?.resource.split('/')[0];
  return parsed?.service === 'elasticloadbalancing' ? KINDS.find((it) => it === kind) : undefined;
}

/** `NAME-DIGITS.REGION.elb.DOMAIN`, with `internal-` in front for internal ones. */
export function dnsName(
  scope: Scope,
  name: string,
  scheme: 'internet-facing' | 'internal',
  random: string,
  domain: string,
): string {
  const digits = String(Number.parseInt(random, 16)).padStart(9, '1');
  const prefix = scheme === 'internal' ? 'internal-' : '';
  return `${prefix}${name}-${digits}.${scope.region}.elb.${domain}`.toLowerCase();
}
