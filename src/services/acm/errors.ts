import { ServiceError } from '../../kernel/errors.ts';
import type { TagProblem } from '../../kernel/tags.ts';

export const noSuchCertificate = (arn: string) =>
  new ServiceError('ResourceNotFoundException', `Could not find certificate ${arn}.`);

export const invalidArn = (arn: string) =>
  new ServiceError(
    'InvalidArnException',
    `The ARN '${arn}' is not the ARN of a certificate in this account and region.`,
  );

export const invalid = (message: string) => new ServiceError('ValidationException', message);

export const invalidParameter = (message: string) => new ServiceError('InvalidParameterException', message);

export const notSupported = (parameter: string, instead: string) =>
  new ServiceError('ValidationException', `${parameter} is not supported by this server. ${instead}`);

export const stillPending = (arn: string) =>
  new ServiceError('RequestInProgressException', `The certificate request for ${arn} is in progress.`);

export const inUse = (arn: string, account: string) =>
  new ServiceError('ResourceInUseException', `Certificate ${arn} in account ${account} is in use.`);

export const invalidState = (message: string) => new ServiceError('InvalidStateException', message);

export function badTags(problem: TagProblem): ServiceError {
  return new ServiceError(problem.kind === 'count' ? 'TooManyTagsException' : 'InvalidTagException', problem.message);
}
