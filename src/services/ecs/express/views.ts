import type {
  ECSExpressGatewayService,
  ExpressGatewayServiceConfiguration,
  ExpressGatewayServiceStatus,
  UpdatedExpressGatewayService,
} from '@aws-sdk/client-ecs';
import { clusterNameOf } from '../domain/references.ts';
import { tagList } from '../domain/tag-list.ts';
import type { ServiceRow } from '../tables.ts';
import type { ExpressConfiguration, ExpressServiceRow } from './tables.ts';

/** @param service its ECS service, once that is made */
export function expressView(
  row: ExpressServiceRow,
  service: ServiceRow | undefined,
  include: readonly string[] = [],
): ECSExpressGatewayService {
  const current = service?.deployments[0]?.serviceDeploymentArn;
  return {
    ...commonView(row),
    infrastructureRoleArn: row.infrastructureRoleArn,
    ...(current !== undefined && { currentDeployment: current }),
    activeConfigurations: activeOf(row, service).map((one) => configurationView(row, one, service)),
    ...(include.includes('TAGS') && { tags: tagList(service?.tags ?? row.tags) }),
  };
}

export function updatedView(row: ExpressServiceRow, service: ServiceRow | undefined): UpdatedExpressGatewayService {
  return { ...commonView(row), targetConfiguration: configurationView(row, row.configurations[0], service) };
}

function commonView(row: ExpressServiceRow) {
  return {
    cluster: clusterNameOf(row.clusterArn),
    serviceName: row.name,
    serviceArn: row.arn,
    status: statusView(row),
    createdAt: new Date(row.createdAtMs),
    updatedAt: new Date(row.updatedAtMs),
  };
}

function statusView({ status, statusReason }: ExpressServiceRow): ExpressGatewayServiceStatus {
  return { statusCode: status, ...(statusReason !== undefined && { statusReason }) };
}

/** What its deployments run, each once; before there are any, what it is to be. */
export function activeOf(
  { configurations, status }: Pick<ExpressServiceRow, 'configurations' | 'status'>,
  service: ServiceRow | undefined,
): readonly ExpressConfiguration[] {
  if (status === 'INACTIVE') return [];
  const deployed = new Set(service?.deployments.map((one) => one.taskDefinitionArn));
  const active = configurations.filter((one) => deployed.has(one.taskDefinitionArn));
  return active.length > 0 ? active : [configurations[0]];
}

function configurationView(
  { hostname, isPublic, subnets }: ExpressServiceRow,
  configuration: ExpressConfiguration,
  service: ServiceRow | undefined,
): ExpressGatewayServiceConfiguration {
  const { createdAtMs, containerPort: _port, network: wished, ...rest } = configuration;
  const deployment = service?.deployments.find((one) => one.taskDefinitionArn === configuration.taskDefinitionArn);
  return {
    ...rest,
    ...(deployment && { serviceRevisionArn: deployment.revisionArn }),
    networkConfiguration: { ...wished, subnets: [...subnets] },
    ingressPaths: [{ accessType: isPublic ? 'PUBLIC' : 'PRIVATE', endpoint: `https://${hostname}` }],
    createdAt: new Date(createdAtMs),
  };
}
