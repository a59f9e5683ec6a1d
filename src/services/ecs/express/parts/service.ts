import type { NetworkConfiguration } from '@aws-sdk/client-ecs';
import { services } from '../../tables.ts';
import { MAIN } from '../input.ts';
import { taskGroupName } from '../names.ts';
import type { PartWork, Site } from '../site.ts';
import { unless } from '../site.ts';
import { findGroup } from './groups.ts';
import { findTargetGroup } from './target-group.ts';

/** The ECS service itself: of the same name, in the same cluster. */
export const service: PartWork = {
  wish: ({ wish, row }) => [wish.taskDefinitionArn, wish.containerPort, wish.network.securityGroups ?? [], row.subnets],
  async make(site) {
    const { own, row, wish, env } = site;
    const found = await env.store.read((tx) => tx.get(services, row.arn));
    const group = await findTargetGroup(site);
    const taskGroup = await findGroup(site, taskGroupName(row.id));
    if (!group || taskGroup === undefined || found?.status === 'DRAINING') return false;
    const rolledOut = {
      cluster: row.clusterArn,
      taskDefinition: wish.taskDefinitionArn,
      networkConfiguration: networkOf(site, taskGroup),
      loadBalancers: [{ targetGroupArn: group.TargetGroupArn, containerName: MAIN, containerPort: wish.containerPort }],
    };
    if (found?.status === 'ACTIVE') {
      await own('ecs', 'UpdateService', { service: row.arn, ...rolledOut });
      return true;
    }
    await own('ecs', 'CreateService', {
      serviceName: row.name,
      ...rolledOut,
      launchType: 'FARGATE',
      desiredCount: wish.scalingTarget.minTaskCount,
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
      enableECSManagedTags: true,
      propagateTags: 'SERVICE',
      clientToken: row.id,
      tags: Object.entries(row.tags).map(([key, value]) => ({ key, value })),
    });
    return true;
  },
  async remove({ own, row, env }) {
    const found = await env.store.read((tx) => tx.get(services, row.arn));
    if (!found || found.status === 'INACTIVE') {
      for (const taskDefinition of row.taskDefinitionArns) {
        await own('ecs', 'DeregisterTaskDefinition', { taskDefinition });
      }
      return true;
    }
    if (found.status === 'ACTIVE') {
      const asked = own('ecs', 'DeleteService', { cluster: row.clusterArn, service: row.arn, force: true });
      await unless(asked, 'ServiceNotActiveException', 'ServiceNotFoundException');
    }
    return false;
  },
};

function networkOf({ row, wish }: Site, taskGroup: string): NetworkConfiguration {
  return {
    awsvpcConfiguration: {
      subnets: [...row.subnets],
      securityGroups: [...(wish.network.securityGroups ?? []), taskGroup],
      assignPublicIp: row.isPublic ? 'ENABLED' : 'DISABLED',
    },
  };
}
