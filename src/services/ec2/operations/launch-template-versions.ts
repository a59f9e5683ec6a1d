import type { DescribeLaunchTemplateVersionsRequest } from '@aws-sdk/client-ec2';
import type { ReadTx } from '../../../store/store.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { readRegion, writeRegion } from '../default-vpc.ts';
import { listRegion, nextTokenOf, pageOf } from '../describe.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '../errors.ts';
import { type LaunchTemplateRow, launchTemplates, type LaunchTemplateVersion } from '../instance-tables.ts';
import { checkedData, namedTemplate } from '../launch-template-data.ts';
import { latestVersionOf, requireTemplate, versionOf } from '../launch-template-lookup.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { versionView } from '../views/launch-template.ts';

/** The new version's members over those of the version that it is made from, one by one. */
export const CreateLaunchTemplateVersion = operation('CreateLaunchTemplateVersion', {
  resources: namedTemplate,
  handle: async (ctx, input) => {
    const data = checkedData(input.LaunchTemplateData);
    const made = await writeRegion(ctx, async (tx) => {
      const row = await requireTemplate(tx, ctx, input);
      const base = input.SourceVersion ? versionOf(row, input.SourceVersion).data : {};
      const description = input.VersionDescription;
      const version: LaunchTemplateVersion = {
        number: row.latestVersion + 1,
        createdAt: ctx.now,
        createdBy: ctx.principal.arn,
        data: { ...base, ...data },
        ...(description === undefined ? {} : { description }),
      };
      const after = await tx.put<LaunchTemplateRow>(launchTemplates, {
        ...row,
        latestVersion: version.number,
        versions: [...row.versions, version],
      });
      return versionView(after, version);
    });
    return { LaunchTemplateVersion: made };
  },
});

/** The default version stays. What is not there is named among those that were not deleted. */
export const DeleteLaunchTemplateVersions = operation('DeleteLaunchTemplateVersions', {
  resources: namedTemplate,
  handle: async (ctx, input) => {
    const { Versions: wanted = [] } = input;
    if (wanted.length === 0) throw missingParameter('Versions');
    const odd = wanted.find((version) => !/^\d+$/.test(version));
    if (odd !== undefined) throw invalidParameterValue(`Invalid launch template version: '${odd}'`);
    return writeRegion(ctx, async (tx) => {
      const row = await requireTemplate(tx, ctx, input);
      const numbers = [...new Set(wanted.map(Number))];
      const isThere = (number: number) => row.versions.some((version) => version.number === number);
      if (numbers.includes(row.defaultVersion)) {
        throw new ServiceError(
          'InvalidLaunchTemplateId.VersionIsDefault',
          `Cannot delete the default version ${row.defaultVersion} of launch template ${row.id}.`,
        );
      }
      await tx.put<LaunchTemplateRow>(launchTemplates, {
        ...row,
        versions: row.versions.filter((version) => !numbers.includes(version.number)),
      });
      const named = (VersionNumber: number) => ({
        LaunchTemplateId: row.id,
        LaunchTemplateName: row.name,
        VersionNumber,
      });
      return {
        SuccessfullyDeletedLaunchTemplateVersions: numbers.filter(isThere).map(named),
        UnsuccessfullyDeletedLaunchTemplateVersions: numbers
          .filter((number) => !isThere(number))
          .map((number) => ({
            ...named(number),
            ResponseError: {
              Code: 'launchTemplateVersionDoesNotExist' as const,
              Message: 'Could not find launch template version',
            },
          })),
      };
    });
  },
});

interface OfTemplate {
  readonly row: LaunchTemplateRow;
  readonly version: LaunchTemplateVersion;
}

type TemplateData = Readonly<Record<string, any>>;

const dataField = (read: (data: TemplateData) => string | boolean | undefined) => (one: OfTemplate) =>
  read(one.version.data);

const FIELDS: FilterFields<OfTemplate> = {
  'create-time': ({ version }) => new Date(version.createdAt).toISOString(),
  'ebs-optimized': dataField((data) => data['EbsOptimized']),
  'http-endpoint': dataField((data) => data['MetadataOptions']?.HttpEndpoint),
  'http-tokens': dataField((data) => data['MetadataOptions']?.HttpTokens),
  'iam-instance-profile': dataField((data) => data['IamInstanceProfile']?.Arn ?? data['IamInstanceProfile']?.Name),
  'image-id': dataField((data) => data['ImageId']),
  'instance-type': dataField((data) => data['InstanceType']),
  'is-default-version': ({ row, version }) => version.number === row.defaultVersion,
  'kernel-id': dataField((data) => data['KernelId']),
  'ram-disk-id': dataField((data) => data['RamDiskId']),
};

/** Of one template, or the newest or default versions of all. */
export const DescribeLaunchTemplateVersions = operation('DescribeLaunchTemplateVersions', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(FIELDS, input.Filters);
    const all = await readRegion(ctx, (tx) => wantedVersions(tx, ctx, input));
    const page = pageOf(
      all.filter((one) => matches(one)),
      // The newest first.
      ({ row, version }) => `${row.id} ${String(1e9 - version.number).padStart(10, '0')}`,
      input,
    );
    return {
      LaunchTemplateVersions: page.items.map(({ row, version }) => versionView(row, version)),
      ...nextTokenOf(page),
    };
  },
});

async function wantedVersions(
  tx: ReadTx,
  ctx: Ec2Context,
  input: DescribeLaunchTemplateVersionsRequest,
): Promise<readonly OfTemplate[]> {
  const { Versions: wanted = [], LaunchTemplateId: id, LaunchTemplateName: name } = input;
  if (!id && !name) {
    if (wanted.length === 0 || wanted.some((version) => !version.startsWith('$'))) {
      throw invalidParameterCombination('Without a launch template, Versions must be $Latest, $Default or both.');
    }
    const rows = await listRegion(tx, launchTemplates, ctx);
    return rows.flatMap((row) => versionsOf(row, wanted));
  }
  const row = await requireTemplate(tx, ctx, input);
  if (wanted.length > 0) return versionsOf(row, wanted);
  const [least, most] = [Number(input.MinVersion ?? 1), Number(input.MaxVersion ?? latestVersionOf(row))];
  return row.versions.filter(({ number }) => number >= least && number <= most).map((version) => ({ row, version }));
}

function versionsOf(row: LaunchTemplateRow, wanted: readonly string[]): readonly OfTemplate[] {
  const versions = wanted.map((version) => versionOf(row, version));
  return [...new Set(versions)].map((version) => ({ row, version }));
}
