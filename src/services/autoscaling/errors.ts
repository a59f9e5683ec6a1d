import { ServiceError } from '../../kernel/errors.ts';

export const invalid = (message: string) => new ServiceError('ValidationError', message);

export const notSupported = (what: string) => invalid(`${what} is not supported by this server.`);

/** As AWS words what its model forbids. */
export const constraint = (value: unknown, member: string, rule: string) =>
  invalid(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );

export const noSuchGroup = (name: string) =>
  invalid(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);

export const groupExists = (name: string) =>
  new ServiceError(
    'AlreadyExistsFault',
    `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
  );

export const groupHasInstances = () =>
  new ServiceError(
    'ResourceInUseFault',
    'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
  );

export const groupIsDeleted = (name: string) =>
  new ServiceError(
    'ScalingActivityInProgressFault',
    `You cannot change an AutoScalingGroup while it is being deleted: ${name}`,
  );

export const warmPoolIsDeleted = (name: string) =>
  new ServiceError(
    'ScalingActivityInProgressFault',
    `You cannot change the warm pool of an AutoScalingGroup while it is being deleted: ${name}`,
  );

export const coolingDown = (name: string) =>
  new ServiceError(
    'ScalingActivityInProgressFault',
    `Scaling activity is in cooldown. Cannot change the desired capacity of AutoScalingGroup ${name}.`,
  );

/** Something else changed what a request was checked against: the same request is checked anew. */
export const contended = (name: string) =>
  new ServiceError('ResourceContentionFault', `You already have a pending update to the AutoScalingGroup ${name}.`, {
    httpStatus: 500,
  });

export const notInGroup = (ids: readonly string[], group: string) =>
  invalid(
    `The instance${ids.length === 1 ? '' : 's'} ${ids.join(', ')} ${ids.length === 1 ? 'is' : 'are'} not part of Auto Scaling group ${group}.`,
  );

export const noSuchInstance = (id: string) =>
  invalid(`Instance Id not found - No managed instance found for instance ID: ${id}`);

export const noSuchPolicy = (name: string) => invalid(`PolicyName not found - Cannot find a policy with name ${name}`);

export const noSuchScheduledAction = (name: string) => invalid(`Scheduled action name not found: ${name}`);

export const noSuchHook = (name: string) => invalid(`No Lifecycle Hook found with name: ${name}`);

export const noLifecycleAction = (what: string) => invalid(`No active Lifecycle Action found with ${what}`);

export const noSuchConfiguration = (name: string) =>
  invalid(`Launch configuration name not found - Launch configuration ${name} not found`);

export const configurationExists = (name: string) =>
  new ServiceError(
    'AlreadyExistsFault',
    `Launch Configuration by this name already exists - A launch configuration already exists with the name ${name}`,
  );

export const configurationInUse = (name: string) =>
  new ServiceError(
    'ResourceInUseFault',
    `Cannot delete launch configuration ${name} because it is attached to an AutoScalingGroup`,
  );

export const refreshInProgress = () =>
  new ServiceError(
    'InstanceRefreshInProgressFault',
    'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
  );

export const refreshBringsConfiguration = () =>
  invalid(
    'An active instance refresh with a desired configuration exists. All configuration options derived from the desired configuration are not available for update while the instance refresh is active.',
  );

export const noActiveRefresh = () =>
  new ServiceError(
    'ActiveInstanceRefreshNotFoundFault',
    'No in progress or pending Instance Refresh found for Auto Scaling group.',
  );

export const irreversibleRefresh = (message: string) => new ServiceError('IrreversibleInstanceRefreshFault', message);

export const tooMany = (message: string) => new ServiceError('LimitExceededFault', message);

export const badToken = () => new ServiceError('InvalidNextToken', 'The token provided is not valid.');
