import { ServiceError } from '../../kernel/errors.ts';

export const invalid = (message: string) => new ServiceError('ValidationException', message);

/** In the words of AWS's own model checks. */
export const unfit = (member: string, value: string, constraint: string) =>
  invalid(`1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`);

export const notSupported = (parameter: string, instead: string) =>
  invalid(`${parameter} is not supported by this server. ${instead}`);

/** Parameter Store says no word more. */
export const noSuchParameter = (message = '') => new ServiceError('ParameterNotFound', message);

export const noSuchVersion = (name: string, selector: string | number) =>
  new ServiceError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
  );

export const noSuchSession = (sessionId: string) =>
  new ServiceError('DoesNotExistException', `Session ${sessionId} does not exist.`);

export const alreadyExists = () =>
  new ServiceError(
    'ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  );

export const invalidName = () =>
  invalid(
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
  );

export const reservedPrefix = () =>
  invalid('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');

export const reservedName = (name: string) =>
  new ServiceError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);

export const notQualified = () => invalid('Parameter name must be a fully qualified name.');

export const tooDeep = () =>
  new ServiceError(
    'HierarchyLevelLimitExceededException',
    'A hierarchy can have a maximum of 15 levels. For more information, see Requirements and constraints for parameter names in the AWS Systems Manager User Guide.',
  );

export const invalidPath = () =>
  invalid(
    'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
  );

export const patternMismatch = (pattern: string) =>
  new ServiceError(
    'ParameterPatternMismatchException',
    `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
  );

export const invalidPattern = (pattern: string) =>
  new ServiceError(
    'InvalidAllowedPatternException',
    `The request doesn't meet the regular expression requirement: ${pattern}`,
  );

export const tooManyVersions = (name: string, oldest: number) =>
  new ServiceError(
    'ParameterMaxVersionLimitExceeded',
    `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${oldest}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
  );

export const tooManyLabels = () =>
  new ServiceError(
    'ParameterVersionLabelLimitExceeded',
    'A parameter version can have maximum 10 labels. Move one or more labels to another version and try again.',
  );

export const invalidFilterKey = (message: string) => new ServiceError('InvalidFilterKey', message);

export const invalidFilterOption = (option: string, valid: readonly string[]) =>
  new ServiceError(
    'InvalidFilterOption',
    `The following filter option is not valid: ${option}. Valid options include: [${valid.join(', ')}].`,
  );

export const invalidFilterValue = (message: string) => new ServiceError('InvalidFilterValue', message);

export function badToken(): never {
  throw new ServiceError('InvalidNextToken', 'The specified token is not valid.');
}

export const invalidResourceId = () =>
  new ServiceError(
    'InvalidResourceId',
    'The resource ID is not valid. Verify that you entered the correct ID and try again.',
  );

export const invalidResourceType = () =>
  new ServiceError(
    'InvalidResourceType',
    'The resource type is not valid. For example, if you are attempting to tag an EC2 instance, the instance must be a registered managed node.',
  );

export const tooManyTags = () =>
  new ServiceError(
    'TooManyTagsError',
    'The Targets parameter includes too many tags. Remove one or more tags and try the command again.',
  );
