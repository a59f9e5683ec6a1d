import type { Context } from '../../../api/context.ts';
import { checkDescription, checkTtl } from '../domain/names.ts';
import { invalidInput, namespaceNotFound } from '../errors.ts';
import { namespaceOf } from '../lookup.ts';
import { namespaceArn, operation } from '../operation.ts';
import { submit } from '../submitted.ts';
import { namespaces, operations } from '../tables.ts';
import type { NamespaceRow } from '../tables.ts';

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_UpdateHttpNamespace.html */
export const UpdateHttpNamespace = operation('UpdateHttpNamespace', {
  resources: (input, scope) => [namespaceArn(scope, input.Id)],
  handle: (ctx, input) => update(ctx, input, 'HTTP', { description: input.Namespace?.Description }),
});

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_UpdatePrivateDnsNamespace.html */
export const UpdatePrivateDnsNamespace = operation('UpdatePrivateDnsNamespace', {
  resources: (input, scope) => [namespaceArn(scope, input.Id)],
  handle: (ctx, input) => update(ctx, input, 'DNS_PRIVATE', dnsChange(input.Namespace)),
});

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_UpdatePublicDnsNamespace.html */
export const UpdatePublicDnsNamespace = operation('UpdatePublicDnsNamespace', {
  resources: (input, scope) => [namespaceArn(scope, input.Id)],
  handle: (ctx, input) => update(ctx, input, 'DNS_PUBLIC', dnsChange(input.Namespace)),
});

interface Change {
  readonly description?: string | undefined;
  readonly soaTtlSeconds?: number;
}

interface DnsChange {
  readonly Description?: string | undefined;
  readonly Properties?:
    | { readonly DnsProperties?: { readonly SOA?: { readonly TTL?: number | undefined } | undefined } | undefined }
    | undefined;
}

function dnsChange(change: DnsChange | undefined): Change {
  return {
    description: change?.Description,
    ...(change?.Properties && { soaTtlSeconds: checkTtl(change.Properties.DnsProperties?.SOA?.TTL) }),
  };
}

async function update(
  ctx: Context,
  input: { readonly Id?: string | undefined; readonly UpdaterRequestId?: string | undefined },
  type: NamespaceRow['type'],
  { description, soaTtlSeconds }: Change,
): Promise<{ OperationId: string }> {
  checkDescription(description);
  const requestId = input.UpdaterRequestId;
  return ctx.write(async (tx) => {
    const row = await namespaceOf(tx, ctx, input.Id);
    if (row.type !== type) throw invalidInput(`The namespace ${row.id} is of type ${row.type}.`);
    if (row.status === 'DELETING') throw namespaceNotFound(row.id);
    const before = await tx.list(operations, { where: ['namespace', row.arn] });
    const made = before.find((each) => each.type === 'UPDATE_NAMESPACE' && each.requestId === requestId);
    if (made && requestId !== undefined) return { OperationId: made.id };
    await tx.put(namespaces, {
      ...row,
      ...(description !== undefined && { description }),
      ...(soaTtlSeconds !== undefined && { soaTtlSeconds }),
    });
    return submit(tx, ctx, {
      type: 'UPDATE_NAMESPACE',
      namespaceArn: row.arn,
      namespaceId: row.id,
      ...(requestId !== undefined && { requestId }),
    });
  });
}
