import type { InstanceRow, SpotRequest } from '../instance-tables.ts';

/** How a request of Spot capacity stands, as its instance tells. */
export interface SpotStatus {
  readonly state: 'active' | 'open' | 'closed' | 'cancelled' | 'disabled';
  readonly code: string;
  readonly message: string;
}

const MESSAGES: Readonly<Record<string, string>> = {
  fulfilled: 'Your Spot request is fulfilled.',
  'marked-for-stop': 'Your Spot Instance is marked for stopping because there is no Spot capacity available.',
  'marked-for-termination': 'Your Spot Instance is marked for termination because there is no Spot capacity available.',
  'instance-stopped-no-capacity': 'Your Spot Instance was stopped because there is no Spot capacity available.',
  'instance-stopped-by-user': 'You stopped your Spot Instance.',
  'instance-terminated-no-capacity': 'Your Spot Instance was terminated because there is no Spot capacity available.',
  'instance-terminated-by-user': 'Spot Instance terminated due to user-initiated termination.',
  'request-canceled-and-instance-running': 'You canceled the request with running instances still active.',
};

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instances-request-status-lifecycle.html */
export function spotStatus({ state, stateReason }: InstanceRow, spot: SpotRequest): SpotStatus {
  const of = (wanted: SpotStatus['state'], code: string) => ({
    state: spot.isCanceled ? 'cancelled' : wanted,
    code,
    message: MESSAGES[code] ?? '',
  });
  const isInterrupted = stateReason?.code.startsWith('Server.Spot') === true;
  const reason = isInterrupted ? 'no-capacity' : 'by-user';
  switch (state) {
    case 'terminated':
    case 'shutting-down':
      return of(spot.type === 'persistent' ? 'open' : 'closed', `instance-terminated-${reason}`);
    case 'stopped':
    case 'stopping':
      return of(isInterrupted ? 'open' : 'disabled', `instance-stopped-${reason}`);
    default:
      if (spot.interruption) return of('active', `marked-for-${spot.behavior === 'stop' ? 'stop' : 'termination'}`);
      return of('active', spot.isCanceled ? 'request-canceled-and-instance-running' : 'fulfilled');
  }
}
