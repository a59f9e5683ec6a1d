import type { LaunchTemplateSpecification, RequestLaunchTemplateData } from '@aws-sdk/client-ec2';
import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { checkId, KINDS } from './domain/resource-kind.ts';
import {
  invalidParameterCombination,
  missingParameter,
  templateIdNotFound,
  templateNameNotFound,
  templateVersionNotFound,
} from './errors.ts';
import { type LaunchTemplateRow, launchTemplates, type LaunchTemplateVersion } from './instance-tables.ts';
import { resourceKey } from './tables.ts';

type Named = Pick<LaunchTemplateSpecification, 'LaunchTemplateId' | 'LaunchTemplateName'>;

export async function templateNamed(
  tx: ReadTx,
  scope: Scope,
  name: string,
): Promise<Stored<LaunchTemplateRow> | undefined> {
  const [found] = await tx.list(launchTemplates, { where: ['name', resourceKey(scope, name)], limit: 1 });
  return found;
}

/** By id or by name, not both. */
export async function requireTemplate(tx: ReadTx, scope: Scope, named: Named): Promise<Stored<LaunchTemplateRow>> {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = named;
  if (id && name) {
    throw invalidParameterCombination('Either LaunchTemplateId or LaunchTemplateName can be specified, not both.');
  }
  if (id) {
    checkId(KINDS.launchTemplate, id);
    const row = await tx.get(launchTemplates, resourceKey(scope, id));
    if (!row) throw templateIdNotFound(id);
    return row;
  }
  if (!name) throw missingParameter('LaunchTemplateId or LaunchTemplateName');
  const row = await templateNamed(tx, scope, name);
  if (!row) throw templateNameNotFound(name);
  return row;
}

/** The highest number that is left; the default version at least is. */
export function latestVersionOf(row: LaunchTemplateRow): number {
  return Math.max(...row.versions.map((version) => version.number));
}

/** A number, `$Latest` or `$Default`; left out: the default. */
export function versionOf(row: LaunchTemplateRow, wanted: string | undefined): LaunchTemplateVersion {
  const number =
    wanted === '$Latest'
      ? latestVersionOf(row)
      : !wanted || wanted === '$Default'
        ? row.defaultVersion
        : Number(wanted);
  const found = row.versions.find((version) => version.number === number);
  if (!found) throw templateVersionNotFound();
  return found;
}

/** For authorization: by its id, also where the call has its name. */
export async function templateResource(
  tx: ReadTx,
  scope: Scope,
  named: Named | undefined,
): Promise<string | undefined> {
  if (!named) return undefined;
  return (
    named.LaunchTemplateId ||
    (named.LaunchTemplateName && (await templateNamed(tx, scope, named.LaunchTemplateName))?.id)
  );
}

export interface ChosenTemplate {
  readonly id: string;
  readonly version: number;
  readonly data: RequestLaunchTemplateData;
}

export async function chosenTemplate(
  tx: ReadTx,
  scope: Scope,
  wanted: LaunchTemplateSpecification,
): Promise<ChosenTemplate> {
  const row = await requireTemplate(tx, scope, wanted);
  const { number, data } = versionOf(row, wanted.Version);
  return { id: row.id, version: number, data };
}
