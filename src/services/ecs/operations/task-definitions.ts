import { scopeKey } from '../../../kernel/arn.ts';
import { paginate } from '../../../kernel/pages.ts';
import { pageLimit } from '../domain/page-limit.ts';
import { parseTaskDefinition, taskDefinitionArn } from '../domain/references.ts';
import { tagList, tagsOf } from '../domain/tag-list.ts';
import { normaliseTaskDefinition } from '../domain/task-definition.ts';
import { badToken, clientError } from '../errors.ts';
import { findTaskDefinition } from '../lookups.ts';
import { familyResource, passRoles, tagOnCreate } from '../authorization.ts';
import { operation } from '../operation.ts';
import { families, familyKey, taskDefinitions } from '../tables.ts';
import type { TaskDefinitionRow } from '../tables.ts';
import { taskDefinitionView } from '../views/task-definition.ts';

export const RegisterTaskDefinition = operation('RegisterTaskDefinition', {
  resources: (input, scope) => [familyResource(scope, input.family ?? '')],
  conditions: (input) => ({
    'ecs:privileged': String((input.containerDefinitions ?? []).some((container) => container.privileged)),
    ...(input.requiresCompatibilities?.length && { 'ecs:compute-compatibility': input.requiresCompatibilities }),
    ...(input.cpu !== undefined && { 'ecs:task-cpu': input.cpu }),
    ...(input.memory !== undefined && { 'ecs:task-memory': input.memory }),
  }),
  also: (input, scope) => [
    ...passRoles(scope, input),
    ...tagOnCreate(input, 'RegisterTaskDefinition', [familyResource(scope, input.family ?? '')]),
  ],
  async handle(ctx, input) {
    const { tags: tagInput, ...rest } = input;
    const tags = tagsOf(tagInput);
    const definition = normaliseTaskDefinition(rest, ctx.ports.registryHost);
    const family = input.family ?? '';
    return ctx.write(async (tx) => {
      const last = await tx.get(families, familyKey(ctx, family));
      const number = (last?.lastNumber ?? 0) + 1;
      await tx.put(families, { ...(last ?? { account: ctx.account, region: ctx.region, family }), lastNumber: number });
      const row = await tx.put(taskDefinitions, {
        account: ctx.account,
        region: ctx.region,
        arn: taskDefinitionArn(ctx, family, number),
        family,
        number,
        status: 'ACTIVE',
        definition,
        registeredAtMs: ctx.now,
        registeredBy: ctx.principal.arn,
        tags,
      });
      return { taskDefinition: taskDefinitionView(row), tags: tagList(tags) };
    });
  },
});

export const DescribeTaskDefinition = operation('DescribeTaskDefinition', {
  readOnly: true,
  resources: () => ['*'],
  async handle(ctx, input) {
    const row = await ctx.read((tx) => findTaskDefinition(tx, ctx, input.taskDefinition ?? ''));
    if (!row) throw clientError('Unable to describe task definition.');
    return {
      taskDefinition: taskDefinitionView(row),
      tags: input.include?.includes('TAGS') ? tagList(row.tags) : [],
    };
  },
});

export const DeregisterTaskDefinition = operation('DeregisterTaskDefinition', {
  resources: () => ['*'],
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const parsed = parseTaskDefinition(input.taskDefinition ?? '');
      if (parsed?.number === undefined)
        throw clientError('Task definition must be given with its revision: family:revision.');
      const row = await findTaskDefinition(tx, ctx, input.taskDefinition ?? '');
      if (!row) throw clientError('The specified task definition does not exist.');
      const gone =
        row.status === 'ACTIVE'
          ? await tx.put(taskDefinitions, { ...row, status: 'INACTIVE' as const, deregisteredAtMs: ctx.now })
          : row;
      return { taskDefinition: taskDefinitionView(gone) };
    }),
});

export const ListTaskDefinitions = operation('ListTaskDefinitions', {
  readOnly: true,
  resources: () => ['*'],
  async handle(ctx, input) {
    const rows = await ctx.read((tx) =>
      input.familyPrefix === undefined
        ? tx.list(taskDefinitions, { where: ['scope', scopeKey(ctx)] })
        : tx.list(taskDefinitions, { where: ['family', familyKey(ctx, input.familyPrefix)] }),
    );
    const wanted = input.status ?? 'ACTIVE';
    // Numbers are padded so that revision 10 comes after revision 9; a blank comes before all that a family may have.
    const keyOf = (row: TaskDefinitionRow) => `${row.family} ${String(row.number).padStart(10, '0')}`;
    const sorted = rows.filter((row) => row.status === wanted).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const descending = input.sort === 'DESC';
    const page = paginate(descending ? sorted.toReversed() : sorted, keyOf, {
      limit: pageLimit(input.maxResults, 100),
      token: input.nextToken,
      descending,
      onBadToken: badToken,
    });
    return {
      taskDefinitionArns: page.items.map((row) => row.arn),
      ...(page.nextToken ? { nextToken: page.nextToken } : {}),
    };
  },
});

export const ListTaskDefinitionFamilies = operation('ListTaskDefinitionFamilies', {
  readOnly: true,
  resources: () => ['*'],
  async handle(ctx, input) {
    const rows = await ctx.read((tx) => tx.list(taskDefinitions, { where: ['scope', scopeKey(ctx)] }));
    const active = new Set(rows.filter((row) => row.status === 'ACTIVE').map((row) => row.family));
    const all = new Set(rows.map((row) => row.family));
    const status = input.status ?? 'ACTIVE';
    const named = [...all]
      .filter((family) => status === 'ALL' || active.has(family) === (status === 'ACTIVE'))
      .filter((family) => family.startsWith(input.familyPrefix ?? ''))
      .toSorted();
    const page = paginate(named, (family) => family, {
      limit: pageLimit(input.maxResults, 100),
      token: input.nextToken,
      onBadToken: badToken,
    });
    return { families: [...page.items], ...(page.nextToken ? { nextToken: page.nextToken } : {}) };
  },
});
