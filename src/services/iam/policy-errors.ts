import { ServiceError } from '../../kernel/errors.ts';

/** NoSuchEntity, as GetPolicy and the detaching operations say it. */
export function policyNotFound(arn: string): ServiceError {
  return noSuch(`Policy ${arn} was not found.`);
}

/** NoSuchEntity, as every operation says it that would use the policy. */
export function notAttachable(arn: string): ServiceError {
  return noSuch(`Policy ${arn} does not exist or is not attachable.`);
}

export function noSuchVersion(arn: string, versionId: string): ServiceError {
  return noSuch(`Policy ${arn} version ${versionId} does not exist or is not attachable.`);
}

/** AWS's own policies belong to another account. */
export function outsideAccount(): ServiceError {
  return new ServiceError('AccessDenied', 'Policy is outside your own account.', { httpStatus: 403 });
}

function noSuch(message: string): ServiceError {
  return new ServiceError('NoSuchEntityException', message, { httpStatus: 404 });
}
