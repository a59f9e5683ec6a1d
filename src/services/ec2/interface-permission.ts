import { serviceOf } from './domain/requester.ts';
import { operationNotPermitted } from './errors.ts';
import type { Ec2Context } from './operation.ts';
import type { NetworkInterfaceRow } from './tables.ts';

/** An interface that a service made is the service's to change, and nobody else's. */
export function checkMayChange(ctx: Ec2Context, row: NetworkInterfaceRow): void {
  if (row.managedBy === undefined || row.managedBy === serviceOf(ctx.principal)) return;
  throw operationNotPermitted(
    `You are not allowed to manage network interface '${row.id}': it belongs to ${row.requesterId}.`,
  );
}
