import type { ConditionValues, Permission } from '../../api/operation.ts';
import { DEFAULT_SSL_POLICY } from './domain/ssl-policies.ts';

/**
 * What calls must be allowed besides their own action, and Elastic Load Balancing's condition keys.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 */

/** The ARNs that are named. Never none, which would ask for no permission at all. */
export function named(arns: readonly (string | undefined)[] | undefined): readonly string[] {
  return arns?.length ? arns.map((arn) => arn || '*') : ['*'];
}

/**
 * @param resource the ARN of what is made, `*` for its id
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html
 */
export function tagOnCreate(
  input: { readonly Tags?: readonly unknown[] | undefined },
  createAction: string,
  resource: string,
): readonly Permission[] {
  if (!input.Tags?.length) return [];
  return [
    {
      action: 'elasticloadbalancing:AddTags',
      resources: [resource],
      conditions: { 'elasticloadbalancing:createaction': createAction },
    },
  ];
}

interface Placed {
  readonly Scheme?: string | undefined;
  readonly Subnets?: readonly string[] | undefined;
  readonly SubnetMappings?: readonly { readonly SubnetId?: string | undefined }[] | undefined;
  readonly SecurityGroups?: readonly string[] | undefined;
}

/** Load balancers face the internet where nothing is said, so that is what a policy must see. */
export function schemeCondition({ Scheme: scheme = 'internet-facing' }: Placed): ConditionValues {
  return { 'elasticloadbalancing:scheme': scheme };
}

export function subnetCondition({ Subnets: subnets = [], SubnetMappings: mappings = [] }: Placed): ConditionValues {
  return severalValues('elasticloadbalancing:subnet', [...subnets, ...mappings.map((mapping) => mapping.SubnetId)]);
}

export function securityGroupCondition({ SecurityGroups: groups = [] }: Placed): ConditionValues {
  return severalValues('elasticloadbalancing:securitygroup', groups);
}

interface Listening {
  readonly Protocol?: string | undefined;
  readonly SslPolicy?: string | undefined;
}

/** What a new listener is: one for HTTPS or TLS has a security policy in any case. */
export function newListenerConditions({ Protocol: protocol, SslPolicy: policy }: Listening): ConditionValues {
  const byDefault = protocol === 'HTTPS' || protocol === 'TLS' ? DEFAULT_SSL_POLICY : undefined;
  return listenerConditions({ Protocol: protocol, SslPolicy: policy ?? byDefault });
}

/** What is changed about a listener. */
export function listenerConditions({ Protocol: protocol, SslPolicy: policy }: Listening): ConditionValues {
  return {
    ...severalValues('elasticloadbalancing:listenerprotocol', [protocol]),
    ...severalValues('elasticloadbalancing:securitypolicy', [policy]),
  };
}

/** These keys are multivalued in AWS: one value is a list too. */
function severalValues(key: string, values: readonly (string | undefined)[]): ConditionValues {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? {} : { [key]: given };
}
