import { readRegion, writeRegion } from '../default-vpc.ts';
import { listRegion, nextTokenOf, pageOf } from '../describe.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnsOf, KINDS, newId } from '../domain/resource-kind.ts';
import { tagsFor } from '../domain/tags.ts';
import { missingParameter, templateNameMalformed, templateNameTaken } from '../errors.ts';
import { idempotencyOf, madeBefore } from '../idempotency.ts';
import { type LaunchTemplateRow, launchTemplates } from '../instance-tables.ts';
import { checkedData, namedTemplate } from '../launch-template-data.ts';
import { requireTemplate, templateNamed, versionOf } from '../launch-template-lookup.ts';
import { operation } from '../operation.ts';
import { launchTemplateView } from '../views/launch-template.ts';

const NAME = /^[a-zA-Z0-9().\-/_]{3,128}$/;

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html */
export const CreateLaunchTemplate = operation('CreateLaunchTemplate', {
  resources: (_, scope) => arnsOf(KINDS.launchTemplate, scope, [undefined]),
  creates: KINDS.launchTemplate,
  unsupported: ['Operator'],
  handle: async (ctx, input) => {
    const { LaunchTemplateName: name = '' } = input;
    if (!NAME.test(name)) throw templateNameMalformed();
    const data = checkedData(input.LaunchTemplateData);
    const tags = tagsFor(KINDS.launchTemplate, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
    const once = idempotencyOf(input);
    const row = await writeRegion(ctx, async (tx) => {
      const [made] = await madeBefore(tx, launchTemplates, ctx, once.idempotency);
      if (made) return made;
      if (await templateNamed(tx, ctx, name)) throw templateNameTaken();
      const by = { createdAt: ctx.now, createdBy: ctx.principal.arn };
      const description = input.VersionDescription;
      return tx.put<LaunchTemplateRow>(launchTemplates, {
        account: ctx.account,
        region: ctx.region,
        id: newId(KINDS.launchTemplate.prefix, ctx.ids),
        tags,
        name,
        ...by,
        defaultVersion: 1,
        latestVersion: 1,
        versions: [{ number: 1, ...by, data, ...(description === undefined ? {} : { description }) }],
        ...once,
      });
    });
    return { LaunchTemplate: launchTemplateView(row) };
  },
});

/** Its default version is all that can be changed. */
export const ModifyLaunchTemplate = operation('ModifyLaunchTemplate', {
  resources: namedTemplate,
  handle: async (ctx, input) => {
    const row = await writeRegion(ctx, async (tx) => {
      const before = await requireTemplate(tx, ctx, input);
      const wanted = input.DefaultVersion;
      if (!wanted) throw missingParameter('DefaultVersion');
      return tx.put<LaunchTemplateRow>(launchTemplates, {
        ...before,
        defaultVersion: versionOf(before, wanted).number,
      });
    });
    return { LaunchTemplate: launchTemplateView(row) };
  },
});

export const DeleteLaunchTemplate = operation('DeleteLaunchTemplate', {
  resources: namedTemplate,
  handle: async (ctx, input) => {
    const row = await writeRegion(ctx, async (tx) => {
      const found = await requireTemplate(tx, ctx, input);
      await tx.delete(launchTemplates, launchTemplates.key(found));
      return found;
    });
    return { LaunchTemplate: launchTemplateView(row) };
  },
});

const FIELDS: FilterFields<LaunchTemplateRow> = {
  'create-time': (row) => new Date(row.createdAt).toISOString(),
  'launch-template-name': (row) => row.name,
};

export const DescribeLaunchTemplates = operation('DescribeLaunchTemplates', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(FIELDS, input.Filters);
    const { LaunchTemplateIds: ids = [], LaunchTemplateNames: names = [] } = input;
    const rows = await readRegion(ctx, async (tx) => {
      if (ids.length === 0 && names.length === 0) return listRegion(tx, launchTemplates, ctx);
      return Promise.all([
        ...ids.map((id) => requireTemplate(tx, ctx, { LaunchTemplateId: id })),
        ...names.map((name) => requireTemplate(tx, ctx, { LaunchTemplateName: name })),
      ]);
    });
    const unique = [...new Map(rows.map((row) => [row.id, row])).values()];
    const page = pageOf(
      unique.filter((row) => matches(row)),
      (row) => row.id,
      input,
    );
    return { LaunchTemplates: page.items.map(launchTemplateView), ...nextTokenOf(page) };
  },
});
