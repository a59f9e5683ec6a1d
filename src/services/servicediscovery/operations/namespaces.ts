import type { Tag } from '@aws-sdk/client-servicediscovery';
import type { Context } from '../../../api/context.ts';
import type { Permission } from '../../../api/operation.ts';
import { scopeKey } from '../../../kernel/arn.ts';
import { paginate } from '../../../kernel/pages.ts';
import type { ReadTx } from '../../../store/store.ts';
import { badToken, filtered, pageLimit } from '../domain/filters.ts';
import type { FilterRules } from '../domain/filters.ts';
import { checkDescription, checkDnsNamespace, checkHttpNamespace, checkTtl } from '../domain/names.ts';
import { tagsOf } from '../domain/tags.ts';
import { invalidInput, namespaceExists, namespaceInUse, operationInProgress } from '../errors.ts';
import { namespaceOf } from '../lookup.ts';
import { namespaceArn, operation } from '../operation.ts';
import { alphanumerics, submit } from '../submitted.ts';
import { namespaces, operations, services } from '../tables.ts';
import type { NamespaceRow } from '../tables.ts';
import { namespaceView } from '../views.ts';

const ID_LENGTH = 16;
const DEFAULT_SOA_TTL_SECONDS = 15;

interface Creation {
  readonly CreatorRequestId?: string | undefined;
  readonly Description?: string | undefined;
  readonly Tags?: readonly Tag[] | undefined;
}

type Kind = Pick<NamespaceRow, 'type' | 'name' | 'vpcId' | 'soaTtlSeconds'>;

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateHttpNamespace.html */
export const CreateHttpNamespace = operation('CreateHttpNamespace', {
  resources: () => ['*'],
  also: tagOnCreate,
  handle: (ctx, input) => create(ctx, input, { type: 'HTTP', name: checkHttpNamespace(input.Name) }),
});

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html */
export const CreatePrivateDnsNamespace = operation('CreatePrivateDnsNamespace', {
  resources: () => ['*'],
  also: (input) => [
    { action: 'route53:CreateHostedZone', resources: ['*'] },
    { action: 'ec2:DescribeVpcs', resources: ['*'] },
    ...tagOnCreate(input),
  ],
  handle: (ctx, input) => {
    if (!/^vpc-\w{1,60}$/.test(input.Vpc ?? '')) throw invalidInput(`The VPC ID '${input.Vpc}' is not valid.`);
    return create(ctx, input, {
      type: 'DNS_PRIVATE',
      name: checkDnsNamespace(input.Name),
      vpcId: input.Vpc ?? '',
      soaTtlSeconds: soaTtl(input.Properties),
    });
  },
});

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePublicDnsNamespace.html */
export const CreatePublicDnsNamespace = operation('CreatePublicDnsNamespace', {
  resources: () => ['*'],
  also: (input) => [{ action: 'route53:CreateHostedZone', resources: ['*'] }, ...tagOnCreate(input)],
  handle: (ctx, input) =>
    create(ctx, input, {
      type: 'DNS_PUBLIC',
      name: checkDnsNamespace(input.Name),
      soaTtlSeconds: soaTtl(input.Properties),
    }),
});

function tagOnCreate({ Tags: tags = [] }: Creation): readonly Permission[] {
  return tags.length === 0 ? [] : [{ action: 'servicediscovery:TagResource', resources: ['*'] }];
}

interface SoaProperties {
  readonly DnsProperties?: { readonly SOA?: { readonly TTL?: number | undefined } | undefined } | undefined;
}

function soaTtl(properties: SoaProperties | undefined): number {
  return properties === undefined ? DEFAULT_SOA_TTL_SECONDS : checkTtl(properties.DnsProperties?.SOA?.TTL);
}

async function create(ctx: Context, input: Creation, kind: Kind): Promise<{ OperationId: string }> {
  const description = checkDescription(input.Description);
  const tags = tagsOf(input.Tags);
  const creatorRequestId = input.CreatorRequestId ?? ctx.ids.uuid();
  const id = `ns-${alphanumerics(ctx.ids, ID_LENGTH)}`;
  const suffix = ctx.ids.hex(8);
  return ctx.write(async (tx) => {
    const others = await tx.list(namespaces, { where: ['scope', scopeKey(ctx)] });
    const taken = others.find((other) => isSame(other, kind));
    if (taken) {
      const before = await tx.list(operations, { where: ['namespace', taken.arn] });
      const made = before.find((row) => row.type === 'CREATE_NAMESPACE' && row.requestId === creatorRequestId);
      if (made) return { OperationId: made.id };
      throw namespaceExists(taken);
    }
    const isNameFree = others.every((other) => other.httpName !== kind.name);
    const { account, region } = ctx;
    const row: NamespaceRow = {
      account,
      region,
      arn: namespaceArn(ctx, id),
      id,
      ...kind,
      httpName: isNameFree ? kind.name : `${kind.name}-${suffix}`,
      status: 'CREATING',
      ...(description !== undefined && { description }),
      creatorRequestId,
      createdAtMs: ctx.now,
      tags,
    };
    await tx.put(namespaces, row);
    return submit(tx, ctx, {
      type: 'CREATE_NAMESPACE',
      namespaceArn: row.arn,
      namespaceId: id,
      requestId: creatorRequestId,
    });
  });
}

/** A VPC has a name once, and so has the rest of the world. */
function isSame(other: NamespaceRow, kind: Kind): boolean {
  if (kind.type === 'HTTP') return other.httpName === kind.name;
  return other.type === kind.type && other.name === kind.name && other.vpcId === kind.vpcId;
}

export const GetNamespace = operation('GetNamespace', {
  resources: (input, scope) => [namespaceArn(scope, input.Id)],
  readOnly: true,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const row = await namespaceOf(tx, ctx, input.Id);
      return { Namespace: namespaceView(row, await countServices(tx, row.arn)) };
    }),
});

const FILTERS: FilterRules<NamespaceRow> = {
  TYPE: { conditions: ['EQ', 'IN'], of: (row) => row.type },
  NAME: { conditions: ['EQ', 'BEGINS_WITH'], of: (row) => row.name },
  HTTP_NAME: { conditions: ['EQ', 'BEGINS_WITH'], of: (row) => row.httpName },
  RESOURCE_OWNER: { conditions: ['EQ'], of: () => 'SELF' },
};

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_ListNamespaces.html */
export const ListNamespaces = operation('ListNamespaces', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const limit = pageLimit(input.MaxResults);
    const matches = filtered(input.Filters, FILTERS);
    return ctx.read(async (tx) => {
      const rows = (await tx.list(namespaces, { where: ['scope', scopeKey(ctx)] })).filter(
        (row) => row.status !== 'CREATING' && matches(row),
      );
      const page = paginate(rows, (row) => row.arn, { limit, token: input.NextToken, onBadToken: badToken });
      const Namespaces = await Promise.all(
        page.items.map(async (row) => {
          const { CreatorRequestId: _, ...summary } = namespaceView(row, await countServices(tx, row.arn));
          return summary;
        }),
      );
      return { Namespaces, ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
    });
  },
});

async function countServices(tx: ReadTx, arn: string): Promise<number> {
  return (await tx.list(services, { where: ['namespace', arn] })).length;
}

/** Its services must be gone. https://docs.aws.amazon.com/cloud-map/latest/api/API_DeleteNamespace.html */
export const DeleteNamespace = operation('DeleteNamespace', {
  resources: (input, scope) => [namespaceArn(scope, input.Id)],
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const row = await namespaceOf(tx, ctx, input.Id);
      const open = await tx.list(operations, { where: ['open', row.arn] });
      const deletion = open.find(({ type }) => type === 'DELETE_NAMESPACE');
      if (deletion) throw operationInProgress(deletion.type, deletion.id);
      if ((await countServices(tx, row.arn)) > 0) throw namespaceInUse();
      await tx.put(namespaces, { ...row, status: 'DELETING' });
      return submit(tx, ctx, { type: 'DELETE_NAMESPACE', namespaceArn: row.arn, namespaceId: row.id });
    }),
});
