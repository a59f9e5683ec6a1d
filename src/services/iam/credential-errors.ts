import { ServiceError } from '../../kernel/errors.ts';

export function noSuchAccessKey(id: string): ServiceError {
  return notFound(`The Access Key with id ${id} cannot be found.`);
}

export function noSuchLoginProfile(userName: string): ServiceError {
  return notFound(`Login Profile for User ${userName} cannot be found.`);
}

export function loginProfileExists(userName: string): ServiceError {
  const message = `Login Profile for user ${userName} already exists.`;
  return new ServiceError('EntityAlreadyExistsException', message, { httpStatus: 409 });
}

/** @param rule e.g. `Password should have at least one number` */
export function passwordPolicyViolation(rule: string): ServiceError {
  return new ServiceError('PasswordPolicyViolationException', rule);
}

/** Root's key is the server's own: it is made at the first start and is no row. */
export function rootKeyIsKept(): ServiceError {
  const message =
    "The root user's access key is made and kept by the server and cannot be changed here; name a user in UserName.";
  return new ServiceError('ValidationError', message);
}

export function noPasswordPolicy(account: string): ServiceError {
  return notFound(`The Password Policy with domain name ${account} cannot be found.`);
}

export function reportNotPresent(): ServiceError {
  const message = 'No credential report has been generated; call GenerateCredentialReport first.';
  return new ServiceError('CredentialReportNotPresentException', message, { httpStatus: 410 });
}

export function reportExpired(): ServiceError {
  const message = 'The credential report is more than four hours old; call GenerateCredentialReport for a new one.';
  return new ServiceError('CredentialReportExpiredException', message, { httpStatus: 410 });
}

function notFound(message: string): ServiceError {
  return new ServiceError('NoSuchEntityException', message, { httpStatus: 404 });
}
