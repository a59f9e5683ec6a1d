import { ServiceError } from '../../kernel/errors.ts';
import type { OperationType } from './tables.ts';

export const invalidInput = (message: string) => new ServiceError('InvalidInput', message);

export const notSupported = (parameter: string) => invalidInput(`${parameter} is not supported by this server.`);

export const namespaceNotFound = (id: string) =>
  new ServiceError('NamespaceNotFound', `No namespace exists with the specified ID: ${id}`);

export const namespaceNameNotFound = (name: string) =>
  new ServiceError('NamespaceNotFound', `No namespace exists with the specified name: ${name}`);

export const namespaceExists = (existing: { readonly id: string; readonly creatorRequestId: string }) =>
  new ServiceError('NamespaceAlreadyExists', 'The specified namespace already exists.', {
    members: { NamespaceId: existing.id, CreatorRequestId: existing.creatorRequestId },
  });

export const namespaceInUse = () =>
  new ServiceError(
    'ResourceInUse',
    'Namespace has associated services; delete the services before deleting the namespace',
  );

export const serviceNotFound = (id: string) =>
  new ServiceError('ServiceNotFound', `No service exists with the specified ID: ${id}`);

export const serviceNameNotFound = (name: string) =>
  new ServiceError('ServiceNotFound', `No service exists with the specified name: ${name}`);

export const serviceExists = (existing: {
  readonly id: string;
  readonly arn: string;
  readonly creatorRequestId: string;
}) =>
  new ServiceError('ServiceAlreadyExists', 'Service already exists.', {
    members: { ServiceId: existing.id, ServiceArn: existing.arn, CreatorRequestId: existing.creatorRequestId },
  });

export const serviceInUse = () =>
  new ServiceError(
    'ResourceInUse',
    'Service contains registered instances; delete the instances before deleting the service',
  );

export const tooManyAttributes = (most: number) =>
  new ServiceError('ServiceAttributesLimitExceededException', `A service can have at most ${most} attributes.`);

export const instanceNotFound = (id: string) =>
  new ServiceError('InstanceNotFound', `No instance exists with the specified ID: ${id}`);

export const customHealthNotFound = () =>
  new ServiceError(
    'CustomHealthNotFound',
    "The health check for the instance that's specified by ServiceId and InstanceId isn't a custom health check.",
  );

export const operationNotFound = (id: string) =>
  new ServiceError('OperationNotFound', `No operation exists with the specified ID: ${id}`);

export const operationInProgress = (type: OperationType, id: string) =>
  new ServiceError('DuplicateRequest', `Another operation of type ${camelOf(type)} and id ${id} is in progress`, {
    members: { DuplicateOperationId: id },
  });

export const limitExceeded = (message: string) => new ServiceError('ResourceLimitExceeded', message);

export const resourceNotFound = (arn: string) =>
  new ServiceError('ResourceNotFoundException', `The resource ${arn} was not found.`);

export const tooManyTags = (arn: string, message: string) =>
  new ServiceError('TooManyTagsException', message, { members: { ResourceName: arn } });

/** `DeleteNamespace` of DELETE_NAMESPACE. */
function camelOf(type: OperationType): string {
  return type
    .split('_')
    .map((word) => `${word.charAt(0)}${word.slice(1).toLowerCase()}`)
    .join('');
}
