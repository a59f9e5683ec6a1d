import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Connection, Sessions } from '../sessions/sessions.ts';

/** What stands before a session's id in its stream URL. */
export const SESSIONS_PATH = '/_longshore/sessions/';
const MAX_FRAME_BYTES = 256 * 1024;
const TOKEN_WITHIN_MS = 30_000;
/** What waits for a client that does not read: frames that it acknowledges are bounded by the window, answers are not. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
/** WebSocket: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const NORMAL = 1000;
const REFUSED = 1008;

/** Takes over a connection that wants to become a session's data channel; answers false for any other path. */
export type Upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

/**
 * The data channel of Session Manager, over WebSocket. A client's first message is text and carries the token that
 * ExecuteCommand gave it; all others are frames.
 */
export function sessionEndpoint(sessions: Sessions, clock: Clock, log: Log): Upgrade {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  return (req, socket, head) => {
    const path = (req.url ?? '').split('?')[0] ?? '';
    if (!path.startsWith(SESSIONS_PATH)) return false;
    const sessionId = path.slice(SESSIONS_PATH.length);
    server.handleUpgrade(req, socket, head, (ws) => serve(ws, sessionId, { sessions, clock, log }));
    return true;
  };
}

interface Parts {
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly log: Log;
}

function serve(ws: WebSocket, sessionId: string, { sessions, clock, log }: Parts): void {
  let connection: Connection | undefined;
  const cancel = clock.after(TOKEN_WITHIN_MS, () => ws.close(REFUSED, 'no token came'));
  ws.on('message', (data, isBinary) => {
    try {
      if (connection) {
        if (isBinary) connection.receive(bytesOf(data));
        return;
      }
      cancel();
      connection = sessions.connect(sessionId, tokenOf(bytesOf(data)), {
        send: (bytes) => (ws.bufferedAmount > MAX_UNREAD_BYTES ? ws.terminate() : ws.send(bytes)),
        close: (reason) => ws.close(NORMAL, reason),
      });
      if (!connection) ws.close(REFUSED, 'the token is not valid');
    } catch (error) {
      log.info('a session got what it does not understand', { session: sessionId, error: messageOf(error) });
      ws.close(REFUSED, 'not understood');
    }
  });
  ws.on('error', (error) => log.debug('a session lost its connection', { session: sessionId, error: error.message }));
  ws.on('close', () => {
    cancel();
    connection?.disconnected();
  });
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** Of the `OpenDataChannelInput` that a client sends first. */
function tokenOf(bytes: Buffer): string {
  const { TokenValue: token } = JSON.parse(bytes.toString('utf8')) as { TokenValue?: unknown };
  if (typeof token !== 'string') throw new Error('the first message has no TokenValue');
  return token;
}
