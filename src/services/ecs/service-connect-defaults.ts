import type { ClusterServiceConnectDefaultsRequest } from '@aws-sdk/client-ecs';
import type { Context } from '../../api/context.ts';
import { formatArn } from '../../kernel/arn.ts';
import { namespaceNotFound } from './errors.ts';
import { findNamespace } from './service-connect.ts';
import type { ClusterRow } from './tables.ts';

/**
 * The namespace of a cluster's new services: an ARN, a name that is there, or a new name, of which an HTTP namespace is
 * made. Undefined where nothing is asked for, `''` where there shall be none.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ClusterServiceConnectDefaultsRequest.html
 */
export async function defaultNamespace(
  ctx: Context,
  defaults: ClusterServiceConnectDefaultsRequest | undefined,
): Promise<string | undefined> {
  const reference = defaults?.namespace;
  if (!reference) return reference;
  const found = await findNamespace(ctx.call, reference);
  if (found) return found.arn;
  if (reference.startsWith('arn:')) throw namespaceNotFound();
  const { OperationId } = await ctx.call('servicediscovery', 'CreateHttpNamespace', {
    Name: reference,
    Tags: [{ Key: 'AmazonECSManaged', Value: 'true' }],
  });
  const { Operation } = await ctx.call('servicediscovery', 'GetOperation', { OperationId });
  return formatArn('servicediscovery', ctx, `namespace/${Operation?.Targets?.NAMESPACE}`);
}

/** The cluster with another default, or without one. */
export function withNamespace(row: ClusterRow, namespaceArn: string | undefined): ClusterRow {
  if (namespaceArn === undefined) return row;
  const { serviceConnectNamespaceArn: _before, ...rest } = row;
  return namespaceArn === '' ? rest : { ...rest, serviceConnectNamespaceArn: namespaceArn };
}
