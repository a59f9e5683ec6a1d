import { CreateClusterCommand } from '@aws-sdk/client-ecs';
import type { SiteSession } from './session.ts';

export async function ensureCluster({ clients, site }: SiteSession): Promise<void> {
  await clients.ecs.send(new CreateClusterCommand({ clusterName: site.cluster }));
}
