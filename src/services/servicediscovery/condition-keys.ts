import type { ConditionValues } from '../../api/operation.ts';
import type { Scope } from '../../kernel/arn.ts';
import { serviceArn } from './operation.ts';

/** https://docs.aws.amazon.com/cloud-map/latest/dg/access-control-managing-permissions-resource-level.html */
export function createdBy(scope: Scope): ConditionValues {
  return { 'servicediscovery:servicecreatedbyaccount': scope.account };
}

export function ofService(scope: Scope, id: string | undefined): ConditionValues {
  return { 'servicediscovery:servicearn': serviceArn(scope, id) };
}
