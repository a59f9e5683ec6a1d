import type { TargetGroupState } from '../load-balancer.ts';

/** The server that requests wait at: not a target. */
const NAME = 'waiting-room';

/** A request looks so often whether a target has become healthy. */
const LOOKS_EVERY_MS = 500;

/**
 * Holds requests of a group while it has no healthy target. HAProxy answers 503 at once where a section has no usable
 * server; so this section has one more, a backup, which refuses every connection. HAProxy tries again after `timeout
 * connect`, with the first target that is healthy by then. Nothing of the request is sent before a connection stands, so
 * bodies of any length, upgrades and streams of HTTP/2 wait like any other.
 *
 * The requests are in HAProxy's hands alone: the server may end and start meanwhile.
 */
export function waitingRoomLines({ holdMs }: Pick<TargetGroupState, 'holdMs'>): readonly string[] {
  if (holdMs === undefined) return [];
  return [
    `timeout connect ${LOOKS_EVERY_MS}ms`,
    `retries ${Math.max(1, Math.round(holdMs / LOOKS_EVERY_MS))}`,
    // Nothing listens on port 1 of the namespace's loopback.
    `server ${NAME} 127.0.0.1:1 source 127.0.0.1 backup`,
  ];
}

/** True for a server that is no target. */
export function isWaitingRoom(serverName: string): boolean {
  return serverName === NAME;
}
