import { ServiceError } from '../../kernel/errors.ts';

export const invalidValue = (message: string) => new ServiceError('InvalidParameterValueException', message);

export const invalidCombination = (message: string) =>
  new ServiceError('InvalidParameterCombinationException', message);

export const missing = (parameter: string) =>
  new ServiceError('MissingRequiredParameterException', `The parameter ${parameter} is required.`);

export const invalid = (message: string) => new ServiceError('ValidationException', message);

/** As AWS words what its model forbids. */
export const constraint = (value: unknown, member: string, rule: string) =>
  invalid(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );

export const notSupported = (what: string) => invalid(`${what} is not supported by this server.`);

export const noSuchAlarm = (name: string) =>
  new ServiceError('ResourceNotFound', `Alarm ${name} does not exist`, { httpStatus: 404 });

export const noSuchResource = (arn: string) =>
  new ServiceError('ResourceNotFoundException', `Unknown resource ${arn}`, {
    httpStatus: 404,
    members: { ResourceType: 'AlarmName', ResourceId: arn },
  });

export const badToken = () => new ServiceError('InvalidNextToken', 'The next token specified is invalid.');
