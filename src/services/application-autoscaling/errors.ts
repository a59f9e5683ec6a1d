import { ServiceError } from '../../kernel/errors.ts';

export const invalid = (message: string) => new ServiceError('ValidationException', message);

export const notSupported = (what: string) => invalid(`${what} is not supported by this server.`);

/** As AWS words what its model forbids. */
export const constraint = (value: unknown, member: string, rule: string) =>
  invalid(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );

const of = (resourceId: string) =>
  `service namespace: ecs, resource ID: ${resourceId}, scalable dimension: ecs:service:DesiredCount`;

export const noSuchTarget = (resourceId: string) =>
  new ServiceError('ObjectNotFoundException', `No scalable target registered for ${of(resourceId)}`);

export const noSuchPolicy = (name: string, resourceId: string) =>
  new ServiceError(
    'ObjectNotFoundException',
    `No scaling policy found for ${of(resourceId)}, scaling policy name: ${name}`,
  );

export const noSuchScheduledAction = (name: string, resourceId: string) =>
  new ServiceError(
    'ObjectNotFoundException',
    `No scheduled action found for ${of(resourceId)}, scheduled action name: ${name}`,
  );

export const noSuchResource = (arn: string) =>
  new ServiceError('ResourceNotFoundException', `Scalable target ${arn} does not exist.`, {
    members: { ResourceName: arn },
  });

export const badToken = () => new ServiceError('InvalidNextTokenException', 'The next token supplied is invalid.');
