import { ServiceError } from '../../kernel/errors.ts';

export const noSuchGroup = () =>
  new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');

export const noSuchStream = () =>
  new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');

export const noSuchResource = () =>
  new ServiceError('ResourceNotFoundException', 'The specified resource does not exist.');

export const groupExists = () =>
  new ServiceError('ResourceAlreadyExistsException', 'The specified log group already exists');

export const streamExists = () =>
  new ServiceError('ResourceAlreadyExistsException', 'The specified log stream already exists');

export const groupProtected = () =>
  new ServiceError('ValidationException', 'The log group cannot be deleted because deletion protection is enabled.');

export const invalid = (message: string) => new ServiceError('InvalidParameterException', message);

export const notSupported = (parameter: string) => invalid(`${parameter} is not supported by this server.`);

/** As AWS words what its model forbids. */
export const constraint = (value: unknown, member: string, rule: string) =>
  invalid(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );

export const badToken = () => invalid('The specified nextToken is invalid.');

export const tooManyTags = (message: string) => new ServiceError('TooManyTagsException', message);
