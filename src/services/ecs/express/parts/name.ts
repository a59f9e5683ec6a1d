import type { PartWork } from '../site.ts';
import { findBalancer } from './load-balancer.ts';
import { ensureZone, removeZone, upsert } from './zone.ts';

/** The endpoint's name, which leads to the load balancer. */
export const name: PartWork = {
  wish: ({ row }) => row.hostname,
  async make(site) {
    const balancer = await findBalancer(site);
    if (!balancer) return false;
    await upsert(site, await ensureZone(site), {
      Name: site.row.hostname,
      Type: 'A',
      AliasTarget: {
        HostedZoneId: balancer.CanonicalHostedZoneId,
        DNSName: balancer.DNSName,
        EvaluateTargetHealth: false,
      },
    });
    return true;
  },
  async remove(site) {
    await removeZone(site);
    return true;
  },
};
