import { ACCOUNT_POLICIES } from './aws-managed/account.ts';
import { CERTIFICATE_POLICIES } from './aws-managed/certificates.ts';
import { DEPLOYMENT_POLICIES } from './aws-managed/deployment.ts';
import { ECS_INFRASTRUCTURE_POLICIES } from './aws-managed/ecs-infrastructure.ts';
import { ECS_POLICIES } from './aws-managed/ecs.ts';
import { EXPRESS_GATEWAY_POLICIES } from './aws-managed/express-gateway.ts';
import { IDENTITY_POLICIES } from './aws-managed/identity.ts';
import { LOAD_BALANCING_POLICIES } from './aws-managed/load-balancing.ts';
import type { AwsManagedPolicy } from './aws-managed/managed-policy.ts';
import { MESSAGE_POLICIES } from './aws-managed/messages.ts';
import { NAME_POLICIES } from './aws-managed/names.ts';
import { NETWORK_POLICIES } from './aws-managed/network.ts';
import { OBSERVATION_POLICIES } from './aws-managed/observation.ts';
import { OVERVIEW_POLICIES } from './aws-managed/overview.ts';
import { REGISTRY_POLICIES } from './aws-managed/registry.ts';
import { SCALING_POLICIES } from './aws-managed/scaling.ts';
import { SECRET_POLICIES } from './aws-managed/secrets.ts';
import { STORAGE_POLICIES } from './aws-managed/storage.ts';
import { TRAIL_POLICIES } from './aws-managed/trail.ts';

/**
 * AWS managed policies: names, paths and dates are AWS's (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html),
 * the documents are written here and grant what AWS documents. What is not in this list cannot be attached.
 */
const ALL: readonly AwsManagedPolicy[] = [
  ...ACCOUNT_POLICIES,
  ...CERTIFICATE_POLICIES,
  ...DEPLOYMENT_POLICIES,
  ...ECS_INFRASTRUCTURE_POLICIES,
  ...ECS_POLICIES,
  ...EXPRESS_GATEWAY_POLICIES,
  ...IDENTITY_POLICIES,
  ...LOAD_BALANCING_POLICIES,
  ...MESSAGE_POLICIES,
  ...NAME_POLICIES,
  ...NETWORK_POLICIES,
  ...OBSERVATION_POLICIES,
  ...OVERVIEW_POLICIES,
  ...REGISTRY_POLICIES,
  ...SCALING_POLICIES,
  ...SECRET_POLICIES,
  ...STORAGE_POLICIES,
  ...TRAIL_POLICIES,
].toSorted((a, b) => (a.name < b.name ? -1 : 1));

const BY_ARN: ReadonlyMap<string, AwsManagedPolicy> = new Map(ALL.map((policy) => [policy.arn, policy]));

/** In order of name. */
export function awsManagedPolicies(): readonly AwsManagedPolicy[] {
  return ALL;
}

/** @param arn e.g. `arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy`, with its path */
export function awsManagedPolicy(arn: string): AwsManagedPolicy | undefined {
  return BY_ARN.get(arn);
}

export type { AwsManagedPolicy } from './aws-managed/managed-policy.ts';
