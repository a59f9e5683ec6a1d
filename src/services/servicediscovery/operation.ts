import { operationsOf } from '../../api/operation.ts';
import { formatArn } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';

/** What the composition root lends it. */
export type ServiceDiscoveryPorts = Record<never, never>;

export const operation = operationsOf<'servicediscovery', ServiceDiscoveryPorts>();

/** Both ids and ARNs name a namespace or service: one that is an ARN is taken as it is. */
export const namespaceArn = (scope: Scope, id = '') => arnOf(scope, 'namespace', id);
export const serviceArn = (scope: Scope, id = '') => arnOf(scope, 'service', id);

function arnOf(scope: Scope, kind: string, id: string): string {
  if (id.startsWith('arn:')) return id;
  return formatArn('servicediscovery', { region: scope.region, account: scope.account }, `${kind}/${id}`);
}
