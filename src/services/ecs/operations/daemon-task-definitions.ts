import { scopeKey } from '../../../kernel/arn.ts';
import { passRoles, sizeConditions, tagOnCreate } from '../authorization.ts';
import { pageOf } from '../domain/pages.ts';
import { tagsOf } from '../domain/tag-list.ts';
import { clientError, invalidParameter } from '../errors.ts';
import { operation } from '../operation.ts';
import { familyKey } from '../tables.ts';
import { daemonDefinitionSummary, daemonDefinitionView, normaliseDaemonDefinition } from '../daemons/definition.ts';
import { findDaemonDefinition } from '../daemons/lookups.ts';
import { daemonDefinitionArn, parseDaemonDefinition } from '../daemons/references.ts';
import { daemonFamilies, daemonTaskDefinitions } from '../daemons/tables.ts';
import type { DaemonTaskDefinitionRow } from '../daemons/tables.ts';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterDaemonTaskDefinition.html */
export const RegisterDaemonTaskDefinition = operation('RegisterDaemonTaskDefinition', {
  resources: (input, scope) => [daemonDefinitionArn(scope, input.family ?? '', '*')],
  conditions: (input) => ({
    'ecs:privileged': String((input.containerDefinitions ?? []).some((container) => container.privileged)),
    ...sizeConditions(input),
  }),
  also: (input, scope) => [
    ...passRoles(scope, input),
    ...tagOnCreate(input, 'RegisterDaemonTaskDefinition', [daemonDefinitionArn(scope, input.family ?? '', '*')]),
  ],
  async handle(ctx, input) {
    const tags = tagsOf(input.tags);
    const definition = normaliseDaemonDefinition(input, ctx.ports.registryHost);
    const { account, region, now } = ctx;
    const family = definition.family ?? '';
    return ctx.write(async (tx) => {
      const last = await tx.get(daemonFamilies, familyKey(ctx, family));
      const number = (last?.lastNumber ?? 0) + 1;
      await tx.put(daemonFamilies, { ...(last ?? { account, region, family }), lastNumber: number });
      const { arn } = await tx.put<DaemonTaskDefinitionRow>(daemonTaskDefinitions, {
        account,
        region,
        arn: daemonDefinitionArn(ctx, family, number),
        family,
        number,
        status: 'ACTIVE',
        definition,
        registeredAtMs: now,
        registeredBy: ctx.principal.arn,
        tags,
      });
      return { daemonTaskDefinitionArn: arn };
    });
  },
});

export const DescribeDaemonTaskDefinition = operation('DescribeDaemonTaskDefinition', {
  readOnly: true,
  resources: async (input, scope, tx) => [await definitionResource(tx, scope, input.daemonTaskDefinition ?? '')],
  async handle(ctx, input) {
    const row = await ctx.read((tx) => findDaemonDefinition(tx, ctx, input.daemonTaskDefinition ?? ''));
    if (!row) throw clientError('Unable to describe daemon task definition.');
    return { daemonTaskDefinition: daemonDefinitionView(row) };
  },
});

/** The revision that a reference means now; `FAMILY:*` where there is none. */
async function definitionResource(
  tx: Parameters<typeof findDaemonDefinition>[0],
  scope: Parameters<typeof findDaemonDefinition>[1],
  reference: string,
): Promise<string> {
  const found = await findDaemonDefinition(tx, scope, reference);
  const { family = '*', number = '*' } = parseDaemonDefinition(reference) ?? {};
  return found?.arn ?? daemonDefinitionArn(scope, family, number);
}

/** It goes once no daemon and no task uses it. */
export const DeleteDaemonTaskDefinition = operation('DeleteDaemonTaskDefinition', {
  resources: async (input, scope, tx) => [await definitionResource(tx, scope, input.daemonTaskDefinition ?? '')],
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const reference = input.daemonTaskDefinition ?? '';
      if (parseDaemonDefinition(reference)?.number === undefined) {
        throw invalidParameter('The daemon task definition must be given with its revision: family:revision.');
      }
      const row = await findDaemonDefinition(tx, ctx, reference);
      if (!row) throw clientError('The specified daemon task definition does not exist.');
      if (row.status === 'ACTIVE') {
        const going = { ...row, status: 'DELETE_IN_PROGRESS' as const, deleteRequestedAtMs: ctx.now };
        await tx.put(daemonTaskDefinitions, going);
      }
      return { daemonTaskDefinitionArn: row.arn };
    }),
});

const FILTERS: readonly string[] = ['ACTIVE', 'DELETE_IN_PROGRESS', 'ALL'];

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListDaemonTaskDefinitions.html */
export const ListDaemonTaskDefinitions = operation('ListDaemonTaskDefinitions', {
  readOnly: true,
  resources: () => ['*'],
  async handle(ctx, input) {
    const { family, familyPrefix = '', status = 'ACTIVE', revision } = input;
    if (!FILTERS.includes(status)) throw invalidParameter(`Invalid status: ${status}.`);
    if (revision !== undefined && revision !== 'LAST_REGISTERED') {
      throw invalidParameter(`Invalid revision: ${String(revision)}.`);
    }
    const rows = (await ctx.read((tx) => tx.list(daemonTaskDefinitions, { where: ['scope', scopeKey(ctx)] }))).filter(
      (row) =>
        (status === 'ALL' || row.status === status) &&
        (family === undefined || row.family === family) &&
        row.family.startsWith(familyPrefix),
    );
    const sorted = (revision ? lastOfEach(rows) : rows).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const descending = input.sort === 'DESC';
    const page = pageOf(descending ? sorted.toReversed() : sorted, keyOf, input, { size: 100, descending });
    return {
      daemonTaskDefinitions: page.items.map(daemonDefinitionSummary),
      ...page.next,
    };
  },
});

/** Numbers are padded so that revision 10 comes after revision 9; a blank comes before all that a family may have. */
function keyOf(row: DaemonTaskDefinitionRow): string {
  return `${row.family} ${String(row.number).padStart(10, '0')}`;
}

function lastOfEach<R extends DaemonTaskDefinitionRow>(rows: readonly R[]): R[] {
  const last = new Map<string, R>();
  for (const row of rows) if (row.number > (last.get(row.family)?.number ?? 0)) last.set(row.family, row);
  return [...last.values()];
}
