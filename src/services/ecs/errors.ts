import { ServiceError } from '../../kernel/errors.ts';

/** ECS's error catalogue: each code with its wording. */

export const clientError = (message: string) => new ServiceError('ClientException', message);
export const invalidParameter = (message: string) => new ServiceError('InvalidParameterException', message);
export const clusterNotFound = () => new ServiceError('ClusterNotFoundException', 'Cluster not found.');
export const clusterNotActive = () => new ServiceError('InvalidParameterException', 'Cluster was not ACTIVE.');
export const serviceNotFound = () => new ServiceError('ServiceNotFoundException', 'Service not found.');
export const taskSetNotFound = () =>
  new ServiceError('TaskSetNotFoundException', 'The specified task set does not exist.');
export const serviceNotActive = () => new ServiceError('ServiceNotActiveException', 'Service was not ACTIVE.');
export const serviceDeploymentNotFound = () =>
  new ServiceError('ServiceDeploymentNotFoundException', 'The service deployment was not found.');
export const serviceDeploymentConflict = () =>
  new ServiceError('ConflictException', 'The service deployment cannot be stopped because it is not in progress.');
export const namespaceNotFound = () =>
  new ServiceError('NamespaceNotFoundException', "The specified namespace wasn't found.");
export const resourceNotFound = () =>
  new ServiceError('InvalidParameterException', 'The specified resource cannot be found.');
export const providerNotFound = (name: string) =>
  clientError(`The specified capacity provider '${name}' does not exist. Specify a valid name or ARN and try again.`);
export const providerInUse = () =>
  new ServiceError('ResourceInUseException', 'The specified capacity provider is in use and cannot be removed.');
export const providerBusy = () =>
  new ServiceError(
    'UpdateInProgressException',
    'The specified capacity provider is in a busy state. Wait for its update to end and try again.',
  );
export const clusterBusy = () =>
  new ServiceError(
    'UpdateInProgressException',
    'The specified cluster is in a busy state. Cluster attachments must be in UPDATE_COMPLETE or UPDATE_FAILED state ' +
      'before they can be updated. Wait and try again.',
  );
export const cannotAssumeRole = (roleArn: string) => clientError(unassumable(roleArn));

/** As RunTask and a service's events say it. */
export const unassumable = (roleArn: string) =>
  `ECS was unable to assume the role '${roleArn}' that was provided for this task. Please verify that the role being ` +
  'passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.';
export const tokenInUse = (taskArns: readonly string[]) =>
  new ServiceError('ConflictException', 'The client token is already in use with another RunTask request.', {
    members: { resourceIds: taskArns },
  });
export const executeCommandDisabled = () =>
  invalidParameter(
    'The execute command failed because execute command was not enabled when the task was run or the execute command ' +
      "agent isn't running. Wait and try again or run a new task with execute command enabled and try again.",
  );
export const targetNotConnected = () =>
  new ServiceError(
    'TargetNotConnectedException',
    'The execute command failed due to an internal error. Try again later.',
  );
export const targetNotFound = () => new ServiceError('TargetNotFoundException', "The specified target wasn't found.");
export const attributeLimit = () =>
  new ServiceError('AttributeLimitExceededException', 'You can apply up to 10 custom attributes for each resource.');
export const noUpdateAvailable = () =>
  new ServiceError('NoUpdateAvailableException', 'There is no update available for this container agent.');
export const badToken = (): never => {
  throw invalidParameter('Invalid token.');
};
export const clusterContains = (what: keyof typeof CONTAINED) =>
  new ServiceError(`ClusterContains${what}Exception`, `The Cluster cannot be deleted while ${CONTAINED[what]}.`);
const CONTAINED = {
  Services: 'Services are active',
  Tasks: 'Tasks are active',
  ContainerInstances: 'Container Instances are active or draining',
  CapacityProvider: 'Capacity Providers are active',
} as const;

/** Nothing is ignored in silence: a member that would change what happens, and is not built, is named. */
export function refuseUnsupported(input: object, members: readonly string[], where = ''): void {
  for (const member of members) {
    const value: unknown = (input as Record<string, unknown>)[member];
    if (value === undefined || value === null || value === false || value === '') continue;
    if (Array.isArray(value) && value.length === 0) continue;
    if (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0) continue;
    throw clientError(`Longshore does not support ${where}${member} yet.`);
  }
}
