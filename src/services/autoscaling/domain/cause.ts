/** Sentences as Auto Scaling writes them into its activities. */

/** `2026-11-22T08:20:18Z` */
export function second(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

interface Sizes {
  readonly min: number;
  readonly max: number;
  readonly desired: number;
}

const at = (now: number, text: string) => `At ${second(now)} ${text}.`;

const changing = (from: number, to: number) => `changing the desired capacity from ${from} to ${to}`;

export const created = (now: number, to: number) =>
  at(now, `a user request created an AutoScalingGroup ${changing(0, to)}`);

export const updated = (now: number, { min, max, desired }: Sizes, from: number) =>
  at(
    now,
    `a user request update of AutoScalingGroup constraints to min: ${min}, max: ${max}, desired: ${desired} ${changing(from, desired)}`,
  );

export const scheduled = (now: number, { min, max, desired }: Sizes, from: number) =>
  at(
    now,
    `a scheduled action update of AutoScalingGroup constraints to min: ${min}, max: ${max}, desired: ${desired} ${changing(from, desired)}`,
  );

export const explicitlySet = (now: number, from: number, to: number) =>
  at(now, `a user request explicitly set group desired capacity ${changing(from, to)}`);

export const executed = (now: number, policy: string, from: number, to: number) =>
  at(now, `a user request executed policy ${policy} ${changing(from, to)}`);

export const alarmed = (
  now: number,
  why: { readonly alarm: string; readonly policy: string },
  from: number,
  to: number,
) => at(now, `a monitor alarm ${why.alarm} in state ALARM triggered policy ${why.policy} ${changing(from, to)}`);

export const growing = (now: number, from: number, to: number) =>
  at(
    now,
    `an instance was started in response to a difference between desired and actual capacity, increasing the capacity from ${from} to ${to}`,
  );

export const shrinking = (now: number, from: number, to: number) =>
  at(
    now,
    `an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${from} to ${to}`,
  );

export const selected = (now: number, instanceId: string) =>
  at(now, `instance ${instanceId} was selected for termination`);

export const replacing = (now: number) =>
  at(now, 'an instance was launched in response to an unhealthy instance needing to be replaced');

const UNHEALTHY = {
  ec2: 'an EC2 health check indicating it has been terminated or stopped',
  elb: 'an ELB system health check failure',
  user: 'a user health-check',
} as const;

export const unhealthy = (now: number, by: keyof typeof UNHEALTHY) =>
  at(now, `an instance was taken out of service in response to ${UNHEALTHY[by]}`);

export const refreshedOut = (now: number) =>
  at(now, 'an instance was taken out of service in response to an instance refresh');

export const refreshedIn = (now: number) => at(now, 'an instance was launched in response to an instance refresh');

export const atRisk = (now: number) =>
  at(now, 'an instance was taken out of service in response to an EC2 instance rebalance recommendation');

export const replacingAtRisk = (now: number) =>
  at(now, 'an instance was launched in response to an EC2 instance rebalance recommendation');

export const rebalancing = (now: number, zone: string) =>
  at(
    now,
    `instances were launched to balance instances in zone ${zone} with other zones resulting in more than desired number of instances in the group`,
  );

export const hookAbandoned = (now: number) =>
  at(now, 'an instance was taken out of service because a lifecycle action was abandoned');

interface OfUser {
  readonly instanceId: string;
  readonly from: number;
  readonly to: number;
}

const resize = ({ from, to }: OfUser) =>
  from === to ? '' : `, ${to < from ? 'shrinking' : 'increasing'} the capacity from ${from} to ${to}`;

const DONE = {
  terminate: 'taken out of service',
  detach: 'detached',
  attach: 'attached',
  standby: 'moved to standby',
  return: 'moved out of standby',
} as const;

export const byUser = (now: number, what: keyof typeof DONE, of: OfUser) =>
  at(now, `instance ${of.instanceId} was ${DONE[what]} in response to a user request${resize(of)}`);

export const drawn = (now: number, instanceId: string) =>
  at(now, `instance ${instanceId} was selected from the warm pool`);

export const warming = (now: number, from: number, to: number) =>
  at(
    now,
    `an instance was started in response to a difference between the desired and the actual size of the warm pool, increasing it from ${from} to ${to}`,
  );

export const cooling = (now: number, from: number, to: number) =>
  at(
    now,
    `an instance was terminated in response to a difference between the desired and the actual size of the warm pool, shrinking it from ${from} to ${to}`,
  );

export const groupDeleted = (now: number) =>
  at(now, 'an instance was taken out of service in response to the deletion of its AutoScalingGroup');

const DESCRIPTIONS = {
  launch: 'Launching a new EC2 instance',
  terminate: 'Terminating EC2 instance',
  detach: 'Detaching EC2 instance',
  attach: 'Attaching an existing EC2 instance',
  standby: 'Moving EC2 instance to Standby',
  return: 'Moving EC2 instance out of Standby',
  warm: 'Launching a new EC2 instance into warm pool',
  draw: 'Launching a new EC2 instance from warm pool',
  reuse: 'Returning EC2 instance to warm pool',
} as const;

export type ActivityKind = keyof typeof DESCRIPTIONS;

export function description(kind: ActivityKind, instanceId?: string): string {
  return instanceId === undefined ? DESCRIPTIONS[kind] : `${DESCRIPTIONS[kind]}: ${instanceId}`;
}
