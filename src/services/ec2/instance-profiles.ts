import type { IamInstanceProfileSpecification } from '@aws-sdk/client-ec2';
import { formatArn, parseArn, type Scope } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { newId } from './domain/resource-kind.ts';
import { invalidParameterCombination, invalidProfile } from './errors.ts';
import { requireHost } from './instance-capacity.ts';
import type { ProfileAssociation } from './instance-tables.ts';
import type { Ec2Context } from './operation.ts';

/**
 * The instance profile that a call names, as IAM knows it. Handing an instance a profile hands it the role in it, for
 * which the caller needs iam:PassRole.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html
 */
export async function profileOf(
  ctx: Ec2Context,
  wanted: IamInstanceProfileSpecification | undefined,
): Promise<ProfileAssociation | undefined> {
  const { Arn: arn, Name: name } = wanted ?? {};
  if (!arn && !name) return undefined;
  if (arn && name)
    throw invalidParameterCombination(
      "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
    );
  const refusal = () => (arn ? invalidProfile('arn', arn) : invalidProfile('name', name ?? ''));
  const parsed = arn ? parseArn(arn) : undefined;
  if (arn && (parsed?.account !== ctx.account || !parsed.resource.startsWith('instance-profile/'))) throw refusal();
  const profile = await findProfile(ctx, name ?? parsed?.resource.split('/').at(-1) ?? '');
  if (!profile?.Arn || (arn && profile.Arn !== arn)) throw refusal();
  const role = profile.Roles?.[0]?.Arn;
  if (role) await requireHost(ctx.ports).passRole(ctx.principal, role, ctx);
  return {
    associationId: newId('iip-assoc', ctx.ids),
    profileArn: profile.Arn,
    profileId: profile.InstanceProfileId ?? '',
    associatedAt: ctx.now,
  };
}

/** For policies, as far as the call tells: a name says nothing of a path. */
export function profileArnOf(
  wanted: IamInstanceProfileSpecification | undefined,
  { account }: Scope,
): string | undefined {
  const { Arn: arn, Name: name } = wanted ?? {};
  return arn || (name && formatArn('iam', { account }, `instance-profile/${name}`)) || undefined;
}

async function findProfile(ctx: Ec2Context, InstanceProfileName: string) {
  try {
    return (await ctx.call('iam', 'GetInstanceProfile', { InstanceProfileName })).InstanceProfile;
  } catch (error) {
    if (error instanceof ServiceError && /NoSuchEntity|Validation/.test(error.code)) return undefined;
    throw error;
  }
}
