import { ServiceError } from '../../kernel/errors.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and each operation's page. Codes are the SDK's shape names. */
export function noSuchEntity(kind: string, name: string): ServiceError {
  return new ServiceError('NoSuchEntityException', `The ${kind} with name ${name} cannot be found.`, {
    httpStatus: 404,
  });
}

export function alreadyExists(kind: string, name: string): ServiceError {
  return new ServiceError('EntityAlreadyExistsException', `${kind} with name ${name} already exists.`, {
    httpStatus: 409,
  });
}

/** @param message e.g. `Cannot delete entity, must detach all policies first.` */
export function deleteConflict(message: string): ServiceError {
  return new ServiceError('DeleteConflictException', message, { httpStatus: 409 });
}

/** @param message e.g. `Cannot exceed quota for PoliciesPerRole: 10` */
export function limitExceeded(message: string): ServiceError {
  return new ServiceError('LimitExceededException', message, { httpStatus: 409 });
}

export function malformedPolicy(message: string): ServiceError {
  return new ServiceError('MalformedPolicyDocumentException', message);
}

export function invalidInput(message: string): ServiceError {
  return new ServiceError('InvalidInputException', message);
}

export function unmodifiable(message: string): ServiceError {
  return new ServiceError('UnmodifiableEntityException', message);
}

/** A value that breaks a constraint of the model. The value is not repeated: it may be a secret. */
export function validationError(member: string, constraint: string): ServiceError {
  const message = `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`;
  return new ServiceError('ValidationError', message);
}
