import { formatArn, parseArn, type Scope } from '../../kernel/arn.ts';
import { constraint, invalid } from './errors.ts';

const GROUP_NAME = /^[.\-_/#A-Za-z0-9]{1,512}$/;
const STREAM_NAME = /^[^:*]{1,512}$/;

/** Without the final `:*`. */
export const groupArn = (scope: Scope, groupName: string) => formatArn('logs', scope, `log-group:${groupName}`);

/** The form that most answers use, which stands for all streams of the group too. */
export const groupArnWithStreams = (scope: Scope, groupName: string) => `${groupArn(scope, groupName)}:*`;

export const streamArn = (scope: Scope, groupName: string, name: string) =>
  `${groupArn(scope, groupName)}:log-stream:${name}`;

export function checkGroupName(name: string | undefined): string {
  if (name === undefined || !GROUP_NAME.test(name)) {
    throw constraint(name ?? '', 'logGroupName', 'satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+');
  }
  return name;
}

export function checkStreamName(name: string | undefined): string {
  if (name === undefined || !STREAM_NAME.test(name)) {
    throw constraint(name ?? '', 'logStreamName', 'satisfy regular expression pattern: [^:*]*');
  }
  return name;
}

/** The group that a request names by `logGroupName` or by `logGroupIdentifier` (a name or an ARN), one of them. */
export function groupNameOf(input: {
  readonly logGroupName?: string | undefined;
  readonly logGroupIdentifier?: string | undefined;
}): string {
  if ((input.logGroupName === undefined) === (input.logGroupIdentifier === undefined)) {
    throw invalid('Exactly one of logGroupName and logGroupIdentifier must be specified.');
  }
  if (input.logGroupName !== undefined) return checkGroupName(input.logGroupName);
  return checkGroupName(groupInArn(input.logGroupIdentifier ?? '') ?? input.logGroupIdentifier);
}

/** The name of the group in its ARN, with or without a final `:*`. */
export function groupInArn(arn: string): string | undefined {
  const resource = parseArn(arn)?.resource ?? '';
  return /^log-group:([^:]+)(:\*)?$/.exec(resource)?.[1];
}

interface GroupReference {
  readonly logGroupName?: string | undefined;
  readonly logGroupIdentifier?: string | undefined;
}

/** The ARN that authorization looks at, of a request that may be malformed. */
export function requestedGroupArn(input: GroupReference, scope: Scope): string {
  return groupArnWithStreams(scope, requestedGroup(input));
}

/** The stream that a call names, for authorization. */
export function requestedStreamArn(
  input: GroupReference & { readonly logStreamName?: string | undefined },
  scope: Scope,
): string {
  return streamArn(scope, requestedGroup(input), input.logStreamName ?? '*');
}

function requestedGroup({ logGroupName, logGroupIdentifier }: GroupReference): string {
  if (logGroupName !== undefined || logGroupIdentifier === undefined) return logGroupName ?? '*';
  return groupInArn(logGroupIdentifier) ?? logGroupIdentifier;
}
