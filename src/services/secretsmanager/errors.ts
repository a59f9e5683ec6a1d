import { ServiceError } from '../../kernel/errors.ts';

const notFound = (message: string) => new ServiceError('ResourceNotFoundException', message);

export const secretNotFound = () => notFound("Secrets Manager can't find the specified secret.");

export const versionNotFound = (versionId: string) =>
  notFound(`Secrets Manager can't find the specified secret value for VersionId: ${versionId}`);

export const stageNotFound = (label: string) =>
  notFound(`Secrets Manager can't find the specified secret value for staging label: ${label}`);

export const invalidRequest = (message: string) => new ServiceError('InvalidRequestException', message);

export const markedForDeletion = () =>
  invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");

export const invalidParameter = (message: string) => new ServiceError('InvalidParameterException', message);

export const notSupported = (parameter: string) => invalidParameter(`${parameter} is not supported by this server.`);

export const exists = (message: string) => new ServiceError('ResourceExistsException', message);

export const limitExceeded = (message: string) => new ServiceError('LimitExceededException', message);

export const malformedPolicy = (message: string) => new ServiceError('MalformedPolicyDocumentException', message);

export const publicPolicy = () =>
  new ServiceError(
    'PublicPolicyException',
    'The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent broad access to the secret.',
  );

export const badToken = () => new ServiceError('InvalidNextTokenException', 'The NextToken value is invalid.');

export const undecipherable = () =>
  new ServiceError('DecryptionFailure', "Secrets Manager can't decrypt the protected secret text.");

export const validation = (message: string) => new ServiceError('ValidationException', message);

/**
 * As AWS words what its model forbids.
 * @param value left out of a secret's: it is not repeated
 */
export const constraint = (member: string, rule: string, value?: string | number) => {
  const shown = value === undefined ? 'Value' : `Value '${value}'`;
  return validation(
    `1 validation error detected: ${shown} at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );
};
