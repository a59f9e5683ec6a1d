import type { Call } from '../api/context.ts';
import type { CallAs } from '../api/service.ts';
import type { SessionTokens } from '../identity/session-credentials.ts';
import { parseArn } from '../kernel/arn.ts';
import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import { ServiceError } from '../kernel/errors.ts';
import type { MetadataRecord, MetadataRole } from '../services/ec2/index.ts';
import type { AssumeRoleForService } from './service-identities.ts';

/** Whom the trust policies of instances' roles must let in. */
export const EC2 = 'ec2.amazonaws.com';
/** EC2's credentials last six hours; SDKs ask anew before they end. */
const LIFE_MS = 6 * 60 * 60 * 1000;

export interface InstanceRoleParts {
  readonly callIn: (scope: Scope, as?: CallAs) => Call;
  readonly sessions: SessionTokens;
  readonly assume: AssumeRoleForService;
  readonly clock: Clock;
}

/** The role of an instance's profile as it is now, and credentials of it: a session with the instance's id as its name. */
export function instanceRole(parts: InstanceRoleParts): (record: MetadataRecord) => Promise<MetadataRole | undefined> {
  return async ({ row }) => {
    const role = await profileRole(parts.callIn, row);
    if (!role) return undefined;
    return { name: role.name, credentials: () => credentialsOf(parts, { ...role, scope: row, instanceId: row.id }) };
  };
}

/** The role of an instance's profile, if it has one. */
export async function profileRole(
  callIn: InstanceRoleParts['callIn'],
  row: MetadataRecord['row'],
): Promise<{ readonly arn: string; readonly name: string } | undefined> {
  const profile = row.profile && parseArn(row.profile.profileArn)?.resource.split('/').at(-1);
  return profile === undefined ? undefined : roleOfProfile(callIn(row), profile);
}

async function roleOfProfile(call: Call, InstanceProfileName: string) {
  try {
    const { InstanceProfile: found } = await call('iam', 'GetInstanceProfile', { InstanceProfileName });
    const role = found?.Roles?.[0];
    return role?.Arn && role.RoleName ? { arn: role.Arn, name: role.RoleName } : undefined;
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

interface Wanted {
  readonly arn: string;
  readonly name: string;
  readonly scope: Scope;
  readonly instanceId: string;
}

async function credentialsOf({ sessions, assume, clock }: InstanceRoleParts, wanted: Wanted): Promise<string> {
  const LastUpdated = wholeSeconds(clock.now());
  try {
    const use = { roleArn: wanted.arn, sessionName: wanted.instanceId, service: EC2, lifeMs: LIFE_MS };
    const credentials = sessions.issue(await assume(use, wanted.scope));
    return JSON.stringify(
      {
        Code: 'Success',
        LastUpdated,
        Type: 'AWS-HMAC',
        AccessKeyId: credentials.accessKeyId,
        SecretAccessKey: credentials.secretAccessKey,
        Token: credentials.sessionToken,
        Expiration: wholeSeconds(credentials.expiresAtMs),
      },
      undefined,
      2,
    );
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return JSON.stringify({
      Code: 'AssumeRoleUnauthorizedAccess',
      Message: `EC2 cannot assume the role ${wanted.name}. Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.`,
      LastUpdated,
    });
  }
}

function wholeSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
