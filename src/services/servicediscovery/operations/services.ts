import type { CreateServiceCommandInput } from '@aws-sdk/client-servicediscovery';
import type { Context } from '../../../api/context.ts';
import { scopeKey } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { paginate } from '../../../kernel/pages.ts';
import type { ReadTx } from '../../../store/store.ts';
import { badToken, filtered, pageLimit } from '../domain/filters.ts';
import type { FilterRules } from '../domain/filters.ts';
import { createdBy } from '../condition-keys.ts';
import { checkDescription, checkServiceName } from '../domain/names.ts';
import { changedRecords, serviceDns } from '../domain/service-dns.ts';
import { tagsOf } from '../domain/tags.ts';
import { invalidInput, namespaceNotFound, notSupported, serviceExists, serviceInUse } from '../errors.ts';
import { isNamed, namespaceOf, serviceOf } from '../lookup.ts';
import { namespaceArn, operation, serviceArn } from '../operation.ts';
import { alphanumerics, submit } from '../submitted.ts';
import { instances, services } from '../tables.ts';
import type { NamespaceRow, ServiceRow } from '../tables.ts';
import { serviceView } from '../views.ts';

const ID_LENGTH = 16;
const MAX_DNS_NAME = 253;

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html */
export const CreateService = operation('CreateService', {
  resources: (input, scope) => [namespaceArn(scope, namespaceIdOf(input)), serviceArn(scope, '*')],
  conditions: (input, scope) => ({ 'servicediscovery:namespacearn': namespaceArn(scope, namespaceIdOf(input)) }),
  also: ({ Tags: tags = [] }) =>
    tags.length === 0 ? [] : [{ action: 'servicediscovery:TagResource', resources: ['*'] }],
  handle: async (ctx, input) => {
    const name = checkServiceName(input.Name);
    checkHealth(input);
    const row = await ctx.write(async (tx) => {
      const namespace = await namespaceOf(tx, ctx, namespaceIdOf(input));
      if (namespace.status !== 'ACTIVE') throw namespaceNotFound(namespace.id);
      const made = newService(ctx, input, namespace, name);
      const others = await tx.list(services, { where: ['namespace', namespace.arn] });
      const taken = others.find((other) => isNamed(other, name) || isNamed(made, other.name));
      if (taken && taken.creatorRequestId === input.CreatorRequestId) return taken;
      if (taken) throw serviceExists(taken);
      return tx.put(services, made);
    });
    return { Service: serviceView(row, 0) };
  },
});

/** DnsConfig's own NamespaceId is the older place for it. */
function namespaceIdOf(input: CreateServiceCommandInput): string {
  return input.NamespaceId ?? input.DnsConfig?.NamespaceId ?? '';
}

function checkHealth(input: CreateServiceCommandInput): void {
  if (input.HealthCheckConfig && input.HealthCheckCustomConfig) {
    throw invalidInput('You can specify either HealthCheckConfig or HealthCheckCustomConfig, but not both.');
  }
  if (input.HealthCheckConfig) throw notSupported('HealthCheckConfig');
}

function newService(ctx: Context, input: CreateServiceCommandInput, namespace: NamespaceRow, name: string): ServiceRow {
  const id = `srv-${alphanumerics(ctx.ids, ID_LENGTH)}`;
  const description = checkDescription(input.Description);
  const hasRecords = (input.DnsConfig?.DnsRecords?.length ?? 0) > 0;
  if (hasRecords && namespace.type === 'HTTP') {
    throw invalidInput("DnsConfig can't be given for a service of an HTTP namespace.");
  }
  if (hasRecords && input.Type === 'HTTP') throw invalidInput("DnsConfig can't be given for a service of type HTTP.");
  const dns = hasRecords && input.DnsConfig ? serviceDns(input.DnsConfig) : undefined;
  if (dns && `${name}.${namespace.name}`.length > MAX_DNS_NAME) {
    throw invalidInput('The names of service and namespace are too long for a DNS name.');
  }
  return {
    account: ctx.account,
    region: ctx.region,
    arn: serviceArn(ctx, id),
    id,
    namespaceArn: namespace.arn,
    namespaceId: namespace.id,
    name,
    type: dns ? 'DNS_HTTP' : 'HTTP',
    ...(dns && { dns }),
    customHealth: input.HealthCheckCustomConfig !== undefined,
    attributes: {},
    instancesRevision: 1,
    ...(description !== undefined && { description }),
    creatorRequestId: input.CreatorRequestId ?? ctx.ids.uuid(),
    createdAtMs: ctx.now,
    tags: tagsOf(input.Tags),
  };
}

export const GetService = operation('GetService', {
  resources: (input, scope) => [serviceArn(scope, input.Id)],
  readOnly: true,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const row = await serviceOf(tx, ctx, input.Id);
      return { Service: serviceView(row, await countInstances(tx, row)) };
    }),
});

/** The namespace may be named by its ARN. */
const filters = (scope: Scope): FilterRules<ServiceRow> => ({
  NAMESPACE_ID: { conditions: ['EQ'], of: (row) => row.namespaceArn },
  RESOURCE_OWNER: { conditions: ['EQ'], of: () => namespaceArn(scope, 'SELF') },
});

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_ListServices.html */
export const ListServices = operation('ListServices', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const limit = pageLimit(input.MaxResults);
    const asked = input.Filters?.map((filter) => ({
      ...filter,
      Values: filter.Values?.map((value) => namespaceArn(ctx, value)),
    }));
    const matches = filtered(asked, filters(ctx));
    return ctx.read(async (tx) => {
      const rows = (await tx.list(services, { where: ['scope', scopeKey(ctx)] })).filter(matches);
      const page = paginate(rows, (row) => row.arn, { limit, token: input.NextToken, onBadToken: badToken });
      const Services = await Promise.all(
        page.items.map(async (row) => {
          const { CreatorRequestId: _, NamespaceId: __, ...summary } = serviceView(row, await countInstances(tx, row));
          return summary;
        }),
      );
      return { Services, ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
    });
  },
});

async function countInstances(tx: ReadTx, service: ServiceRow): Promise<number> {
  return (await tx.list(instances, { where: ['service', service.arn] })).length;
}

/** What is left out is taken away, as AWS says. https://docs.aws.amazon.com/cloud-map/latest/api/API_UpdateService.html */
export const UpdateService = operation('UpdateService', {
  resources: (input, scope) => [serviceArn(scope, input.Id)],
  conditions: (_, scope) => createdBy(scope),
  handle: async (ctx, input) => {
    if (input.Service?.HealthCheckConfig) throw notSupported('HealthCheckConfig');
    const description = checkDescription(input.Service?.Description);
    return ctx.write(async (tx) => {
      const { description: _, dns, ...row } = await serviceOf(tx, ctx, input.Id);
      const changed = input.Service?.DnsConfig?.DnsRecords;
      if (changed && !dns) throw invalidInput("DnsConfig can't be given for a service without DNS records.");
      const records = dns && changed ? changedRecords(dns, changed) : dns;
      await tx.put(services, {
        ...row,
        ...(records && { dns: records }),
        ...(description !== undefined && { description }),
      });
      return submit(tx, ctx, {
        type: 'UPDATE_SERVICE',
        namespaceArn: row.namespaceArn,
        namespaceId: row.namespaceId,
        serviceId: row.id,
      });
    });
  },
});

/** Its instances must be gone. https://docs.aws.amazon.com/cloud-map/latest/api/API_DeleteService.html */
export const DeleteService = operation('DeleteService', {
  resources: (input, scope) => [serviceArn(scope, input.Id)],
  conditions: (_, scope) => createdBy(scope),
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await serviceOf(tx, ctx, input.Id);
      if ((await countInstances(tx, row)) > 0) throw serviceInUse();
      await tx.delete(services, row.arn);
    });
    return {};
  },
});
