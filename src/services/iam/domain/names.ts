import { ServiceError } from '../../../kernel/errors.ts';
import { validationError } from '../errors.ts';

const NAME = /^[\w+=,.@-]+$/;
/** `/`, or printable ASCII between two slashes. */
const PATH = /^\/(?:[\x21-\x7e]+\/)?$/;
const PATH_PREFIX = /^\/[\x21-\x7f]*$/;
const LONGEST_PATH = 512;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length */
const LONGEST = { user: 64, role: 64, group: 128, policy: 128, instanceProfile: 128 } as const;

/**
 * A name as the API takes it; throws ValidationError.
 * @param member the wire name with a small first letter, where it is not the kind's: `newUserName`
 */
export function checkName(kind: keyof typeof LONGEST, name: string, member = `${kind}Name`): string {
  checkLength(name, member, LONGEST[kind]);
  if (!NAME.test(name)) {
    throw invalidValue(member, 'It must contain only alphanumeric characters and/or the following: +=,.@_-');
  }
  return name;
}

/** A path, `/` where it is left out; throws ValidationError. */
export function checkPath(path: string | undefined, member = 'path'): string {
  if (path === undefined) return '/';
  checkLength(path, member, LONGEST_PATH);
  if (!PATH.test(path)) {
    const rule = 'It must begin and end with / and contain only alphanumeric characters and/or / characters.';
    throw invalidValue(member, rule);
  }
  return path;
}

/** What a list's paths must begin with, `/` where it is left out; throws ValidationError. */
export function checkPathPrefix(prefix: string | undefined, member = 'pathPrefix'): string {
  if (prefix === undefined) return '/';
  checkLength(prefix, member, LONGEST_PATH);
  if (!PATH_PREFIX.test(prefix)) {
    const rule = 'It must begin with the / character and contain only alphanumeric characters and/or / characters.';
    throw invalidValue(member, rule);
  }
  return prefix;
}

/** Throws ValidationError for text shorter or longer than the model says. Lengths are in UTF-16 units. */
export function checkLength(value: string, member: string, longest: number, shortest = 0): void {
  if (value.length > longest) {
    throw validationError(member, `Member must have length less than or equal to ${longest}`);
  }
  if (value.length < shortest) {
    throw validationError(member, `Member must have length greater than or equal to ${shortest}`);
  }
}

/** ValidationError: `The specified value for MEMBER is invalid. RULE` */
export function invalidValue(member: string, rule: string): ServiceError {
  return new ServiceError('ValidationError', `The specified value for ${member} is invalid. ${rule}`);
}
