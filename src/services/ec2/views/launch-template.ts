import type {
  LaunchTemplate,
  LaunchTemplateVersion as LaunchTemplateVersionView,
  ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import type { LaunchTemplateRow, LaunchTemplateVersion } from '../instance-tables.ts';
import { latestVersionOf } from '../launch-template-lookup.ts';
import { tagList } from './tags.ts';

export function launchTemplateView(row: LaunchTemplateRow): LaunchTemplate {
  return {
    LaunchTemplateId: row.id,
    LaunchTemplateName: row.name,
    CreateTime: new Date(row.createdAt),
    CreatedBy: row.createdBy,
    DefaultVersionNumber: row.defaultVersion,
    LatestVersionNumber: latestVersionOf(row),
    Tags: tagList(row.tags),
  };
}

export function versionView(row: LaunchTemplateRow, version: LaunchTemplateVersion): LaunchTemplateVersionView {
  return {
    LaunchTemplateId: row.id,
    LaunchTemplateName: row.name,
    VersionNumber: version.number,
    ...(version.description === undefined ? {} : { VersionDescription: version.description }),
    CreateTime: new Date(version.createdAt),
    CreatedBy: version.createdBy,
    DefaultVersion: version.number === row.defaultVersion,
    LaunchTemplateData: dataView(version.data),
  };
}

/** As it was given; rows keep times as texts. */
function dataView(data: object): ResponseLaunchTemplateData {
  const view = data as ResponseLaunchTemplateData;
  const until = view.InstanceMarketOptions?.SpotOptions?.ValidUntil;
  if (until === undefined) return view;
  const { InstanceMarketOptions: market } = view;
  const SpotOptions = { ...market?.SpotOptions, ValidUntil: new Date(until) };
  return { ...view, InstanceMarketOptions: { ...market, SpotOptions } };
}
