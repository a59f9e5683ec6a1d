import { ServiceError } from '../../kernel/errors.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and each operation's page. Codes are the SDK's shape names. */
export function accessDenied(message: string): ServiceError {
  return new ServiceError('AccessDeniedException', message, { httpStatus: 403 });
}

/** @param action e.g. `sts:AssumeRole` */
export function notAuthorized(principalArn: string, action: string, resource: string): ServiceError {
  return accessDenied(`User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource}`);
}

/** Of a caller that has no ARN yet. */
export function webIdentityNotAuthorized(action: string): ServiceError {
  return accessDenied(`Not authorized to perform ${action}`);
}

export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationError', message);
}

export function invalidParameterValue(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message);
}

/** A parameter that this server has no use for, and that would change what is answered. */
export function unsupported(parameter: string, because: string): ServiceError {
  return validationError(`${parameter} is not supported: ${because}`);
}

export function malformedPolicy(message: string): ServiceError {
  return new ServiceError('MalformedPolicyDocumentException', message);
}

export function packedPolicyTooLarge(percent: number): ServiceError {
  return new ServiceError(
    'PackedPolicyTooLargeException',
    `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );
}

export function invalidAuthorizationMessage(): ServiceError {
  return new ServiceError('InvalidAuthorizationMessageException', 'Message is not valid');
}
