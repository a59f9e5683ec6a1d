import { ServiceError } from '../../kernel/errors.ts';
import type { ZoneVpc } from './tables.ts';

export const noSuchHostedZone = (id: string) =>
  new ServiceError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, { httpStatus: 404 });

export const noSuchChange = (id: string) =>
  new ServiceError('NoSuchChange', `Could not find resource with ID: ${id}`, { httpStatus: 404 });

export const noSuchGeoLocation = () =>
  new ServiceError('NoSuchGeoLocation', 'The geographic location you specified is not supported.', { httpStatus: 404 });

export const noSuchHealthCheck = (id: string) =>
  new ServiceError('NoSuchHealthCheck', `No health check exists with the specified ID: ${id}`, { httpStatus: 404 });

export const healthCheckAlreadyExists = () =>
  new ServiceError(
    'HealthCheckAlreadyExists',
    'The health check you are attempting to create already exists: its caller reference belongs to another configuration.',
    { httpStatus: 409 },
  );

export const healthCheckInUse = (id: string, parent: string) =>
  new ServiceError('HealthCheckInUse', `The health check ${id} is in use by the calculated health check ${parent}.`);

export const healthCheckVersionMismatch = (version: number) =>
  new ServiceError('HealthCheckVersionMismatch', `The version of the health check is ${version}.`, { httpStatus: 409 });

export const tooManyHealthChecks = () =>
  new ServiceError('TooManyHealthChecks', 'This account has the maximum number of health checks.');

export const tooManyHostedZones = () =>
  new ServiceError('TooManyHostedZones', 'This account has the maximum number of hosted zones.');

export const limitsExceeded = (what: string) =>
  new ServiceError('LimitsExceeded', `The hosted zone has the maximum number of ${what}.`);

export const publicZoneLimit = () =>
  new ServiceError('HostedZoneNotPrivate', 'The specified hosted zone is a public hosted zone.');

export const noSuchDelegationSet = (id: string) =>
  new ServiceError('NoSuchDelegationSet', `A reusable delegation set with ID ${id} does not exist.`);

export const hostedZoneAlreadyExists = () =>
  new ServiceError(
    'HostedZoneAlreadyExists',
    'A hosted zone has already been created with the specified caller reference.',
    { httpStatus: 409 },
  );

export const managedElsewhere = (id: string, description: string) => {
  const arn = /arn:\S+/.exec(description)?.[0] ?? description;
  const message = `The resource hostedzone/${id} can only be managed through AWS Cloud Map (${arn})`;
  return new ServiceError('AccessDenied', message, { httpStatus: 403 });
};

export const hostedZoneNotEmpty = () =>
  new ServiceError(
    'HostedZoneNotEmpty',
    'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
  );

export const invalidInput = (message: string) => new ServiceError('InvalidInput', message);

export const notSupported = (parameter: string) =>
  invalidInput(`Invalid request: ${parameter} is not supported by this server.`);

export const invalidDomainName = (name: string) =>
  new ServiceError('InvalidDomainName', `The domain name '${name}' is not valid.`);

/** All that is wrong with a batch, as AWS writes it: `[one, two]`. */
export const invalidChangeBatch = (messages: readonly string[]) =>
  new ServiceError('InvalidChangeBatch', `[${messages.join(', ')}]`, { members: { messages } });

export const invalidVpc = (vpc: ZoneVpc) =>
  new ServiceError('InvalidVPCId', `The VPC ID is invalid: ${vpc.vpcId} was not found in region ${vpc.region}.`);

export const conflictingDomain = (vpc: ZoneVpc, zoneId: string) =>
  new ServiceError(
    'ConflictingDomainExists',
    `The VPC ${vpc.vpcId} in region ${vpc.region} has already been associated with the hosted zone ${zoneId} with the same domain name.`,
  );

export const publicZoneVpc = () =>
  new ServiceError(
    'PublicZoneVPCAssociation',
    "You're trying to associate a VPC with a public hosted zone. Amazon Route 53 doesn't support associating a VPC with a public hosted zone.",
  );

export const vpcAssociationNotFound = (vpc: ZoneVpc, zoneId: string) =>
  new ServiceError(
    'VPCAssociationNotFound',
    `The VPC ${vpc.vpcId} in region ${vpc.region} is not associated with the hosted zone ${zoneId}.`,
    { httpStatus: 404 },
  );

export const lastVpcAssociation = () =>
  new ServiceError(
    'LastVPCAssociation',
    'The VPC that you are trying to disassociate from the private hosted zone is the last VPC that is associated with the hosted zone.',
  );
