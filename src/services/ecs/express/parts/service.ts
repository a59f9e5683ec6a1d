import type { DeploymentConfiguration, LoadBalancer, NetworkConfiguration } from '@aws-sdk/client-ecs';
import { services } from '../../tables.ts';
import { MAIN } from '../input.ts';
import { taskGroupName } from '../names.ts';
import type { PartWork, Site } from '../site.ts';
import { unless } from '../site.ts';
import { findGroup } from './groups.ts';
import { ruleArn } from './listener.ts';
import { targetGroups } from './target-group.ts';

/**
 * A twentieth of the traffic goes to what is new for three minutes, then all of it. A first deployment has nothing to share
 * the traffic with, and nothing to go back to: the alarm and the bake time come after it.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-update-full.html
 */
const CANARY: DeploymentConfiguration = {
  strategy: 'CANARY',
  canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: 3 },
  deploymentCircuitBreaker: { enable: true, rollback: true },
};

/** The ECS service itself: of the same name, in the same cluster. */
export const service: PartWork = {
  wish: ({ wish, row }) => [
    'CANARY',
    wish.taskDefinitionArn,
    wish.containerPort,
    wish.network.securityGroups ?? [],
    row.subnets,
  ],
  async make(site) {
    const { own, row, wish, env } = site;
    const found = await env.store.read((tx) => tx.get(services, row.arn));
    const loadBalancers = await loadBalancersOf(site);
    const taskGroup = await findGroup(site, taskGroupName(row.id));
    if (!loadBalancers || taskGroup === undefined || found?.status === 'DRAINING') return false;
    const rolledOut = {
      cluster: row.clusterArn,
      taskDefinition: wish.taskDefinitionArn,
      networkConfiguration: networkOf(site, taskGroup),
      loadBalancers,
    };
    if (found?.status === 'ACTIVE') {
      // How it rolls out is its owner's to change, once it is so at all.
      const isCanary = found.loadBalancers.every((balancer) => balancer.advancedConfiguration);
      const deploymentConfiguration = isCanary ? undefined : CANARY;
      await own('ecs', 'UpdateService', {
        service: row.arn,
        ...rolledOut,
        ...(deploymentConfiguration && { deploymentConfiguration }),
      });
      return true;
    }
    await own('ecs', 'CreateService', {
      serviceName: row.name,
      ...rolledOut,
      launchType: 'FARGATE',
      desiredCount: wish.scalingTarget.minTaskCount,
      deploymentConfiguration: CANARY,
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
        // Somebody may have deleted those that it no longer ran.
        await unless(own('ecs', 'DeregisterTaskDefinition', { taskDefinition }), 'ClientException');
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

async function loadBalancersOf(site: Site): Promise<LoadBalancer[] | undefined> {
  const groups = await targetGroups(site);
  const productionListenerRule = await ruleArn(site);
  if (!groups || productionListenerRule === undefined) return undefined;
  const advancedConfiguration = {
    alternateTargetGroupArn: groups.alternate,
    productionListenerRule,
    roleArn: site.row.infrastructureRoleArn,
  };
  const { containerPort } = site.wish;
  return [{ targetGroupArn: groups.own, containerName: MAIN, containerPort, advancedConfiguration }];
}

function networkOf({ row, wish }: Site, taskGroup: string): NetworkConfiguration {
  return {
    awsvpcConfiguration: {
      subnets: [...row.subnets],
      securityGroups: [...(wish.network.securityGroups ?? []), taskGroup],
      assignPublicIp: row.isPublic ? 'ENABLED' : 'DISABLED',
    },
  };
}
