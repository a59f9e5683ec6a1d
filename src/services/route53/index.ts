import type { Service } from '../../api/service.ts';
import type { Route53Ports } from './operation.ts';
import * as changeOperations from './operations/changes.ts';
import { CreateHostedZone } from './operations/create-hosted-zone.ts';
import * as zoneOperations from './operations/hosted-zones.ts';
import * as geoLocationOperations from './operations/geo-locations.ts';
import * as healthCheckOperations from './operations/health-checks.ts';
import * as healthStatusOperations from './operations/health-status.ts';
import * as limitOperations from './operations/limits.ts';
import * as listOperations from './operations/list-hosted-zones.ts';
import * as recordSetOperations from './operations/record-sets.ts';
import * as tagOperations from './operations/tags.ts';
import { TestDNSAnswer } from './operations/test-dns-answer.ts';
import * as vpcOperations from './operations/vpc-associations.ts';
import { balancerHealthReconciler } from './reconcilers/balancer-health.ts';
import { healthCheckReconciler } from './reconcilers/health-check.ts';
import { hostedZoneReconciler } from './reconcilers/hosted-zone.ts';
import { endpointProbe } from './health-probe.ts';
import { balancerHealth, healthChecks, healthStatuses } from './health-tables.ts';
import { tagsOfArn } from './lookup.ts';
import { hostedZones, recordSets, zoneChanges } from './tables.ts';

export { clientPlaces, refuseLocation, type ClientLocation } from './client-places.ts';
export type { Route53Ports } from './operation.ts';

/** Amazon Route 53: hosted zones and their records, served by the built-in name server. */
export const route53: Service<Route53Ports> = {
  name: 'route53',
  principal: 'route53.amazonaws.com',
  operations: {
    CreateHostedZone,
    TestDNSAnswer,
    ...changeOperations,
    ...geoLocationOperations,
    ...healthCheckOperations,
    ...healthStatusOperations,
    ...limitOperations,
    ...zoneOperations,
    ...listOperations,
    ...recordSetOperations,
    ...tagOperations,
    ...vpcOperations,
  },
  tables: [hostedZones, recordSets, zoneChanges, healthChecks, healthStatuses, balancerHealth],
  resourceTags: tagsOfArn,
  reconcilers: (env) => [
    hostedZoneReconciler(env.ports.names),
    healthCheckReconciler(env, endpointProbe(env.ports.names)),
    balancerHealthReconciler(env),
  ],
};
