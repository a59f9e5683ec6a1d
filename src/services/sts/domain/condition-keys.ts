import type { ConditionValues } from '../../../api/operation.ts';

/** What STS's condition keys are made of. */
export interface Asked {
  readonly sessionName: string;
  readonly externalId?: string | undefined;
  readonly sourceIdentity?: string | undefined;
  readonly transitiveTagKeys?: readonly string[] | undefined;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts */
export function stsConditions(asked: Asked): ConditionValues {
  const { sessionName, externalId, sourceIdentity, transitiveTagKeys = [] } = asked;
  return {
    'sts:rolesessionname': sessionName,
    ...(externalId === undefined ? {} : { 'sts:externalid': externalId }),
    ...(sourceIdentity === undefined ? {} : { 'sts:sourceidentity': sourceIdentity }),
    ...(transitiveTagKeys.length === 0 ? {} : { 'sts:transitivetagkeys': transitiveTagKeys }),
  };
}
