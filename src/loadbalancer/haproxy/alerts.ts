/** It goes on without them: its next worker listens on sockets of its own. */
const NO_SOCKETS = 'Failed to get the sockets from the old process';

/** Why HAProxy does not take a configuration, in its own words; nothing when it does. */
export function alerts(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.includes('[ALERT]') && !line.includes(NO_SOCKETS))
    .map((line) => line.replace(/^\[ALERT\]\s*\(\d+\)\s*:\s*/, ''))
    .join('; ');
}
