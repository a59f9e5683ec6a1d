import { join } from 'node:path';

/** Paths of unix sockets have at most 107 characters, so HAProxy's folder must be short: a long home borrows from /run. */
const LONGEST_HAPROXY_FOLDER = 50;

export function haproxyFolder(home: string, instanceId: string): string {
  const inside = join(home, 'haproxy');
  return inside.length <= LONGEST_HAPROXY_FOLDER && /^[A-Za-z0-9_./@+-]+$/.test(inside)
    ? inside
    : `/run/longshore-${instanceId}`;
}

/** What this server and its instances tell each other: sockets are in it, and it may be lost when the host boots. */
export function instancesFolder(instanceId: string): string {
  return `/run/longshore-${instanceId}-instances`;
}
