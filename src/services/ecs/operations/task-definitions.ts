import type { Failure, TaskDefinition } from '@aws-sdk/client-ecs';
import { scopeKey } from '../../../kernel/arn.ts';
import { pageOf } from '../domain/pages.ts';
import { parseTaskDefinition, taskDefinitionArn } from '../domain/references.ts';
import { tagList, tagsOf } from '../domain/tag-list.ts';
import { normaliseTaskDefinition } from '../domain/task-definition.ts';
import { clientError, invalidParameter } from '../errors.ts';
import { findTaskDefinition } from '../lookups.ts';
import { definitionResource, familyResource, passRoles, sizeConditions, tagOnCreate } from '../authorization.ts';
import { operation } from '../operation.ts';
import { putTaskDefinition } from '../task-definition-records.ts';
import { familyKey, taskDefinitions } from '../tables.ts';
import type { TaskDefinitionRow } from '../tables.ts';
import { taskDefinitionView } from '../views/task-definition.ts';

export const RegisterTaskDefinition = operation('RegisterTaskDefinition', {
  resources: (input, scope) => [familyResource(scope, input.family ?? '')],
  conditions: (input) => ({
    'ecs:privileged': String((input.containerDefinitions ?? []).some((container) => container.privileged)),
    ...(input.requiresCompatibilities?.length && { 'ecs:compute-compatibility': input.requiresCompatibilities }),
    ...sizeConditions(input),
  }),
  also: (input, scope) => [
    ...passRoles(scope, input),
    ...tagOnCreate(input, 'RegisterTaskDefinition', [familyResource(scope, input.family ?? '')]),
  ],
  async handle(ctx, input) {
    const { tags: tagInput, ...rest } = input;
    const tags = tagsOf(tagInput);
    const definition = normaliseTaskDefinition(rest, ctx.ports.registryHost);
    return ctx.write(async (tx) => {
      const row = await putTaskDefinition(tx, ctx, definition, tags);
      return { taskDefinition: taskDefinitionView(row, ctx.ports.registryHost), tags: tagList(tags) };
    });
  },
});

function checkStatus(status: string, known: readonly string[]): void {
  if (!known.includes(status)) throw invalidParameter(`Invalid status: ${status}.`);
}

export const DescribeTaskDefinition = operation('DescribeTaskDefinition', {
  readOnly: true,
  resources: () => ['*'],
  async handle(ctx, input) {
    const row = await ctx.read((tx) => findTaskDefinition(tx, ctx, input.taskDefinition ?? ''));
    if (!row) throw clientError('Unable to describe task definition.');
    return {
      taskDefinition: taskDefinitionView(row, ctx.ports.registryHost),
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
      return { taskDefinition: taskDefinitionView(gone, ctx.ports.registryHost) };
    }),
});

const STILL_ACTIVE =
  'The specified task definition is still in ACTIVE status. Please deregister the target and try again.';
const NOT_THERE =
  'The specified task definition does not exist. Specify a valid account, family, revision and try again.';
const MOST_DELETED = 10;

export const DeleteTaskDefinitions = operation('DeleteTaskDefinitions', {
  resources: (input, scope, tx) =>
    Promise.all((input.taskDefinitions ?? []).map((reference) => definitionResource(tx, scope, reference))),
  async handle(ctx, input) {
    const references = [...new Set(input.taskDefinitions)];
    if (references.length === 0) throw invalidParameter('taskDefinitions cannot be empty.');
    if (references.length > MOST_DELETED) {
      throw invalidParameter(`taskDefinitions can have at most ${MOST_DELETED} items.`);
    }
    if (references.some((reference) => parseTaskDefinition(reference)?.number === undefined)) {
      throw invalidParameter('Task definitions must be given with their revision: family:revision.');
    }
    return ctx.write(async (tx) => {
      const deleted: TaskDefinition[] = [];
      const failures: Failure[] = [];
      for (const reference of references) {
        const row = await findTaskDefinition(tx, ctx, reference);
        const { family = '', number = 0 } = parseTaskDefinition(reference) ?? {};
        const arn = reference.startsWith('arn:') ? reference : taskDefinitionArn(ctx, family, number);
        if (!row || row.status === 'ACTIVE') failures.push({ arn, reason: row ? STILL_ACTIVE : NOT_THERE });
        else {
          const going = await tx.put(taskDefinitions, {
            ...row,
            status: 'DELETE_IN_PROGRESS' as const,
            deleteRequestedAtMs: row.deleteRequestedAtMs ?? ctx.now,
          });
          deleted.push(taskDefinitionView(going, ctx.ports.registryHost));
        }
      }
      return { taskDefinitions: deleted, failures };
    });
  },
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
    checkStatus(wanted, ['ACTIVE', 'INACTIVE', 'DELETE_IN_PROGRESS']);
    // Numbers are padded so that revision 10 comes after revision 9; a blank comes before all that a family may have.
    const keyOf = (row: TaskDefinitionRow) => `${row.family} ${String(row.number).padStart(10, '0')}`;
    const sorted = rows.filter((row) => row.status === wanted).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const descending = input.sort === 'DESC';
    const page = pageOf(descending ? sorted.toReversed() : sorted, keyOf, input, { size: 100, descending });
    return {
      taskDefinitionArns: page.items.map((row) => row.arn),
      ...page.next,
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
    checkStatus(status, ['ACTIVE', 'INACTIVE', 'ALL']);
    const named = [...all]
      .filter((family) => status === 'ALL' || active.has(family) === (status === 'ACTIVE'))
      .filter((family) => family.startsWith(input.familyPrefix ?? ''))
      .toSorted();
    const page = pageOf(named, (family) => family, input, { size: 100 });
    return { families: page.items, ...page.next };
  },
});
