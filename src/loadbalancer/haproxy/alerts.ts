/** It goes on without them: its next worker listens on sockets of its own. */
const NO_SOCKETS = 'Failed to get the sockets from the old process';

/** Whether a worker was too busy to hand over its sockets. */
export function lostSockets(text: string): boolean {
  return text.includes(NO_SOCKETS);
}

/** Why HAProxy does not take a configuration, in its own words; nothing when it does. */
export function alerts(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.includes('[ALERT]') && !line.includes(NO_SOCKETS))
    .map((line) => line.replace(/^\[ALERT\]\s*\(\d+\)\s*:\s*/, ''))
    .join('; ');
}
