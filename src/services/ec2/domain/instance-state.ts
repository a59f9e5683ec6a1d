import type { InstanceState as InstanceStateView } from '@aws-sdk/client-ec2';
import type { InstanceRow, InstanceState } from '../instance-tables.ts';

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html */
const CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function stateView(state: InstanceState): Required<InstanceStateView> {
  return { Code: CODES[state], Name: state };
}

export function stateCode(state: InstanceState): number {
  return CODES[state];
}

/** E.g. `User initiated (2026-11-22 07:31:20 GMT)`. */
export function userInitiated(now: number): string {
  return `User initiated (${new Date(now).toISOString().slice(0, 19).replace('T', ' ')} GMT)`;
}

const REASONS = {
  'Client.UserInitiatedShutdown': 'User initiated shutdown',
  'Client.InstanceInitiatedShutdown': 'Instance initiated shutdown',
  'Server.InternalError': 'Internal error on launch',
  'Server.SpotInstanceShutdown': 'Spot instance shutdown',
  'Server.SpotInstanceTermination': 'Spot instance termination',
} as const;

export function stateReason(code: keyof typeof REASONS): { readonly code: string; readonly message: string } {
  return { code, message: `${code}: ${REASONS[code]}` };
}

/** A row in a new state, with why. What belonged to the state before is taken off. */
export function inState<R extends InstanceRow>(
  before: R,
  state: InstanceState,
  why: { readonly reason?: InstanceRow['stateReason']; readonly transition?: string } = {},
) {
  const { stateReason: _, rebootFrom: _reboot, ...row } = before;
  return {
    ...row,
    state,
    ...(why.reason ? { stateReason: why.reason } : {}),
    transitionReason: why.transition ?? '',
  };
}

export function isGone(row: Pick<InstanceRow, 'state'>): boolean {
  return row.state === 'shutting-down' || row.state === 'terminated';
}
