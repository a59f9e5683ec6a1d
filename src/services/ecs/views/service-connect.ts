import type { Deployment, ServiceConnectServiceResource } from '@aws-sdk/client-ecs';
import type { ConnectRow } from '../service-connect-tables.ts';

/** As DescribeServices shows it of each deployment, and DescribeServiceRevisions of a revision. */
export function connectView(
  connect: ConnectRow | undefined,
): Pick<Deployment, 'serviceConnectConfiguration' | 'serviceConnectResources'> {
  if (!connect) return {};
  return {
    serviceConnectConfiguration: connect.configuration,
    serviceConnectResources: connect.services.map(({ discoveryName, discoveryArn }): ServiceConnectServiceResource => ({
      discoveryName,
      discoveryArn,
    })),
  };
}
