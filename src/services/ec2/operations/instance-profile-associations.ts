import type {
  IamInstanceProfileAssociation,
  IamInstanceProfileAssociationState,
  IamInstanceProfileSpecification,
} from '@aws-sdk/client-ec2';
import type { ConditionValues } from '../../../api/operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { readRegion, writeRegion } from '../default-vpc.ts';
import { listRegion, nextTokenOf, pageOf } from '../describe.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { isGone } from '../domain/instance-state.ts';
import { arnsOf, KINDS } from '../domain/resource-kind.ts';
import { incorrectInstanceState, missingParameter, profileAssociated, profileAssociationNotFound } from '../errors.ts';
import { requireInstance } from '../instance-lookup.ts';
import { profileArnOf, profileOf } from '../instance-profiles.ts';
import { instances, type InstanceRow, type ProfileAssociation } from '../instance-tables.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { resourceKey } from '../tables.ts';

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/attach-iam-role.html. Handing over needs iam:PassRole on the role. */

export const AssociateIamInstanceProfile = operation('AssociateIamInstanceProfile', {
  resources: (input, scope) => arnsOf(KINDS.instance, scope, [input.InstanceId]),
  keys: newProfile,
  handle: async (ctx, input) => {
    const { InstanceId: id } = input;
    if (!id) throw missingParameter('InstanceId');
    const profile = await requiredProfile(ctx, input.IamInstanceProfile);
    const row = await writeRegion(ctx, async (tx) => {
      const before = await requireInstance(tx, ctx, id);
      if (isGone(before))
        throw incorrectInstanceState(`The instance '${id}' is not in the 'running' or 'stopped' states.`);
      if (before.profile) throw profileAssociated(id);
      return tx.put<InstanceRow>(instances, { ...before, profile });
    });
    return { IamInstanceProfileAssociation: associationView(row, profile, 'associating') };
  },
});

export const DisassociateIamInstanceProfile = operation('DisassociateIamInstanceProfile', {
  resources: instanceOfAssociation,
  handle: async (ctx, input) => {
    const id = input.AssociationId ?? '';
    return writeRegion(ctx, async (tx) => {
      const { profile, ...row } = await requireAssociated(tx, ctx, id);
      await tx.put<InstanceRow>(instances, row);
      return profile ? { IamInstanceProfileAssociation: associationView(row, profile, 'disassociating') } : {};
    });
  },
});

/** The association gets a new id. */
export const ReplaceIamInstanceProfileAssociation = operation('ReplaceIamInstanceProfileAssociation', {
  resources: instanceOfAssociation,
  keys: newProfile,
  handle: async (ctx, input) => {
    const id = input.AssociationId ?? '';
    const profile = await requiredProfile(ctx, input.IamInstanceProfile);
    const row = await writeRegion(ctx, async (tx) => {
      const before = await requireAssociated(tx, ctx, id);
      return tx.put<InstanceRow>(instances, { ...before, profile });
    });
    return { IamInstanceProfileAssociation: associationView(row, profile, 'associating') };
  },
});

const FIELDS: FilterFields<InstanceRow> = {
  'instance-id': (row) => row.id,
  state: () => 'associated',
};

export const DescribeIamInstanceProfileAssociations = operation('DescribeIamInstanceProfileAssociations', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(FIELDS, input.Filters);
    const ids = input.AssociationIds ?? [];
    const rows = await readRegion(ctx, (tx) =>
      ids.length > 0 ? Promise.all(ids.map((id) => requireAssociated(tx, ctx, id))) : listRegion(tx, instances, ctx),
    );
    const page = pageOf(
      rows.filter((row) => row.profile && matches(row)),
      (row) => row.profile?.associationId ?? '',
      input,
    );
    return {
      IamInstanceProfileAssociations: page.items.flatMap((row) =>
        row.profile ? [associationView(row, row.profile, 'associated')] : [],
      ),
      ...nextTokenOf(page),
    };
  },
});

async function requiredProfile(ctx: Ec2Context, wanted: Parameters<typeof profileOf>[1]): Promise<ProfileAssociation> {
  const profile = await profileOf(ctx, wanted);
  if (!profile) throw missingParameter('IamInstanceProfile');
  return profile;
}

async function associated(tx: ReadTx, scope: Scope, id: string): Promise<Stored<InstanceRow> | undefined> {
  const [row] = await tx.list(instances, { where: ['profile', resourceKey(scope, id)], limit: 1 });
  return row;
}

async function requireAssociated(tx: ReadTx, scope: Scope, id: string): Promise<Stored<InstanceRow>> {
  const row = await associated(tx, scope, id);
  if (!row) throw profileAssociationNotFound(id);
  return row;
}

async function instanceOfAssociation(
  input: { readonly AssociationId: string | undefined },
  scope: Scope,
  tx: ReadTx,
): Promise<readonly string[]> {
  return arnsOf(KINDS.instance, scope, [(await associated(tx, scope, input.AssociationId ?? ''))?.id]);
}

function associationView(
  row: InstanceRow,
  profile: ProfileAssociation,
  State: IamInstanceProfileAssociationState,
): IamInstanceProfileAssociation {
  return {
    AssociationId: profile.associationId,
    InstanceId: row.id,
    IamInstanceProfile: { Arn: profile.profileArn, Id: profile.profileId },
    State,
    Timestamp: new Date(profile.associatedAt),
  };
}

function newProfile(
  { IamInstanceProfile: wanted }: { readonly IamInstanceProfile: IamInstanceProfileSpecification | undefined },
  scope: Scope,
): ConditionValues {
  const arn = profileArnOf(wanted, scope);
  return arn === undefined ? {} : { 'ec2:newinstanceprofile': arn };
}
