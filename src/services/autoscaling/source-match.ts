import type { AutoscalingContext } from './operation.ts';
import { typesOf, type LaunchSource } from './domain/launch-source.ts';
import type { MemberRow } from './tables.ts';

/** Whether an instance is already what would be launched now: its template's version, its type, its configuration. */
export async function matchesSource(
  ctx: AutoscalingContext,
  source: LaunchSource,
  of: readonly MemberRow[],
): Promise<(member: MemberRow) => boolean> {
  if (source.kind === 'configuration') return (member) => member.configurationName === source.name;
  const overrides = source.kind === 'mixed' ? source.overrides : [];
  const templates = [source.template, ...overrides.flatMap(({ template }) => template ?? [])];
  const versions = await Promise.all(
    templates.map(async ({ id, version }) => {
      const { LaunchTemplateVersions: [found] = [] } = await ctx.call('ec2', 'DescribeLaunchTemplateVersions', {
        LaunchTemplateId: id,
        Versions: [version],
      });
      return `${id}:${found?.VersionNumber ?? version}`;
    }),
  );
  const types = typesOf(overrides);
  const known = new Set(of.map(({ launchId }) => launchId));
  return ({ launchId, template, instanceType = '' }) =>
    known.has(launchId) &&
    template !== undefined &&
    versions.includes(`${template.id}:${template.version}`) &&
    (types.length === 0 || types.includes(instanceType));
}
