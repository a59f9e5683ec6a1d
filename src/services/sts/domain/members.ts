import { parseArn } from '../../../kernel/arn.ts';
import { validationError } from '../errors.ts';
import { refuse, textProblems } from './constraints.ts';
import type { NumberBounds, TextBounds } from './constraints.ts';

/** The bounds of members that several operations have: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const NAME_PATTERN = String.raw`[\w+=,.@-]*`;

export const ROLE_SESSION_NAME: TextBounds = { min: 2, max: 64, pattern: NAME_PATTERN };
export const SOURCE_IDENTITY: TextBounds = { min: 2, max: 64, pattern: NAME_PATTERN };
export const FEDERATED_USER_NAME: TextBounds = { min: 2, max: 32, pattern: NAME_PATTERN };
export const EXTERNAL_ID: TextBounds = { min: 2, max: 1224, pattern: String.raw`[\w+=,.@:\/-]*` };
export const ROLE_SECONDS: NumberBounds = { min: 900, max: 43_200 };
export const SESSION_SECONDS: NumberBounds = { min: 900, max: 129_600 };

const ARN: TextBounds = { min: 20, max: 2048 };

export interface RoleName {
  readonly arn: string;
  readonly account: string;
  /** Without its path. */
  readonly name: string;
}

/** @throws ServiceError for what is not a role's ARN */
export function parseRoleArn(text: string): RoleName {
  refuse(textProblems('roleArn', text, ARN));
  const arn = parseArn(text);
  const name = arn?.resource.startsWith('role/') ? arn.resource.split('/').at(-1) : undefined;
  if (arn?.service !== 'iam' || !/^\d{12}$/.test(arn.account) || !name) throw validationError(`${text} is invalid`);
  return { arn: text, account: arn.account, name };
}
