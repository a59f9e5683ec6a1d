import type { Scope } from '../../../kernel/arn.ts';
import type { Ids } from '../../../kernel/ids.ts';
import type { WriteTx } from '../../../store/store.ts';
import type { ExpressNetwork } from './network.ts';
import { expressGateways, expressServices, gatewayNetwork } from './tables.ts';

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html */
const MOST_SERVICES = 25;

/** A gateway over the same subnets with room for one more service, or a new one; answers its id. */
export async function joinGateway(
  tx: WriteTx,
  { account, region }: Scope,
  { vpcId, subnets, isPublic }: ExpressNetwork,
  ids: Ids,
): Promise<string> {
  const network = gatewayNetwork({ account, region }, vpcId, subnets, isPublic);
  for (const gateway of await tx.list(expressGateways, { where: ['network', network] })) {
    const known = await tx.list(expressServices, { where: ['gateway', gateway.id] });
    if (!gateway.isClosing && known.filter((one) => one.status !== 'INACTIVE').length < MOST_SERVICES)
      return gateway.id;
  }
  const made = await tx.put(expressGateways, { account, region, id: ids.hex(8), vpcId, subnets, isPublic });
  return made.id;
}

/** A service leaves: with the last one that stays, the gateway closes. */
export async function leaveGateway(tx: WriteTx, gatewayId: string): Promise<void> {
  const known = await tx.list(expressServices, { where: ['gateway', gatewayId] });
  const gateway = await tx.get(expressGateways, gatewayId);
  if (!gateway || known.some((one) => one.status === 'ACTIVE')) return;
  await tx.put(expressGateways, { ...gateway, isClosing: true });
}
