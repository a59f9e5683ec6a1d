import type { Attribute } from '@aws-sdk/client-ecs';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx, Stored, WriteTx } from '../../../store/store.ts';
import {
  getInstance,
  inCluster,
  instanceResources,
  registeredInstances,
  wakeServices,
} from '../container-instance-lookup.ts';
import { containerInstances } from '../container-instance-tables.ts';
import type { ContainerInstanceRow } from '../container-instance-tables.ts';
import { pageOf } from '../domain/pages.ts';
import { clusterArn } from '../domain/references.ts';
import { attributeRow, checkCustomName, withAttributes } from '../domain/registration.ts';
import { attributeLimit, invalidParameter, targetNotFound } from '../errors.ts';
import { activeCluster, findCluster } from '../lookups.ts';
import { operation } from '../operation.ts';
import type { ClusterRow } from '../tables.ts';

const MOST_IN_CALL = 10;
const MOST_OF_INSTANCE = 10;

type Target = Stored<ContainerInstanceRow>;

const targetsOf = ({ attributes }: { attributes?: Attribute[] | undefined }) => [
  ...new Set((attributes ?? []).map(({ targetId }) => targetId ?? '')),
];

function checkAttributes(attributes: readonly Attribute[]): void {
  if (attributes.length === 0) throw invalidParameter('Attributes cannot be empty.');
  if (attributes.length > MOST_IN_CALL) throw invalidParameter(`Attributes can have at most ${MOST_IN_CALL} items.`);
  for (const { name = '', targetId, targetType } of attributes) {
    if (!targetId) throw invalidParameter('Attribute targetId is required.');
    if (targetType !== undefined && targetType !== 'container-instance') throw invalidParameter('Invalid targetType.');
    if (targetType === undefined && !targetId.startsWith('arn:')) {
      throw invalidParameter('Attribute targetType is required when targetId is not an ARN.');
    }
    checkCustomName(name);
  }
}

async function targetOf(tx: ReadTx, scope: Scope, cluster: ClusterRow, reference: string): Promise<Target> {
  const row = await getInstance(tx, scope, cluster, reference);
  if (!row || row.status === 'INACTIVE') throw targetNotFound();
  return row;
}

/** Each target with the attributes of the call that are for it. */
async function changeTargets(
  tx: WriteTx,
  scope: Scope,
  input: { readonly cluster?: string | undefined; readonly attributes?: Attribute[] | undefined },
  change: (row: Target, attributes: readonly Attribute[]) => ContainerInstanceRow['attributes'],
): Promise<Attribute[]> {
  const cluster = await activeCluster(tx, scope, input.cluster);
  const answered: Attribute[] = [];
  for (const reference of targetsOf(input)) {
    const row = await targetOf(tx, scope, cluster, reference);
    const own = (input.attributes ?? []).filter(({ targetId }) => targetId === reference);
    await tx.put(containerInstances, { ...row, attributes: change(row, own), version: row.version + 1 });
    answered.push(...own.map((one) => ({ ...one, targetType: 'container-instance' as const, targetId: row.arn })));
  }
  await wakeServices(tx, cluster.arn);
  return answered;
}

export const PutAttributes = operation('PutAttributes', {
  resources: (input, scope) => instanceResources(input, targetsOf(input), scope),
  conditions: inCluster,
  handle: (ctx, input) => {
    checkAttributes(input.attributes ?? []);
    return ctx.write(async (tx) => ({
      attributes: await changeTargets(tx, ctx, input, (row, own) => {
        const after = withAttributes(row.attributes, own.map(attributeRow));
        if (after.filter(({ name }) => !isOfEcs(name)).length > MOST_OF_INSTANCE) throw attributeLimit();
        return after;
      }),
    }));
  },
});

export const DeleteAttributes = operation('DeleteAttributes', {
  resources: (input, scope) => instanceResources(input, targetsOf(input), scope),
  conditions: inCluster,
  handle: (ctx, input) => {
    checkAttributes(input.attributes ?? []);
    return ctx.write(async (tx) => ({
      attributes: await changeTargets(tx, ctx, input, (row, own) =>
        row.attributes.filter(
          (one) => !own.some(({ name, value }) => name === one.name && (value === undefined || value === one.value)),
        ),
      ),
    }));
  },
});

export const ListAttributes = operation('ListAttributes', {
  readOnly: true,
  resources: (input, scope) => [clusterArn(scope, input.cluster)],
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      if (input.targetType !== 'container-instance') throw invalidParameter('Invalid targetType.');
      const cluster = await findCluster(tx, ctx, input.cluster);
      const { attributeName, attributeValue } = input;
      if (attributeValue !== undefined && attributeName === undefined) {
        throw invalidParameter('attributeName must be specified with attributeValue.');
      }
      const all = (await registeredInstances(tx, cluster.arn)).flatMap((row) =>
        row.attributes
          .filter(({ name }) => attributeName === undefined || name === attributeName)
          .filter(({ value = '' }) => attributeValue === undefined || value === attributeValue)
          .map((attribute) => ({ ...attribute, targetId: row.arn })),
      );
      const page = pageOf(all, ({ targetId, name }) => `${targetId} ${name}`, input, { size: 100 });
      return { attributes: page.items, ...page.next };
    }),
});

const isOfEcs = (name: string) => /^(ecs\.|com\.amazonaws\.)/.test(name);
