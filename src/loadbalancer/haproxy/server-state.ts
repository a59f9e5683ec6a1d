import type { ServerEntry } from './rendered.ts';
import { isWaitingRoom } from './waiting-room.ts';

/**
 * HAProxy's server state file carries what the old process knew of each server over to the new one, and lets a new
 * target start as ALB wants it: in forced drain, which is health checks but no requests, with `fall` failures to spend.
 *
 *   be_id be_name srv_id srv_name srv_addr op_state admin_state uweight iweight since check_status check_result
 *   check_health check_state agent_state bk_forced srv_forced fqdn port srvrecord use_ssl check_port check_addr ...
 */
const HEADER =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port';

const RUNNING = 2;
const FORCED_DRAIN = 0x08;
const FORCED_MAINTENANCE = 0x01;

export interface ServerState {
  readonly backend: string;
  readonly name: string;
  readonly up: boolean;
  readonly forcedDrain: boolean;
  /** No longer, or not yet, one of its section. */
  readonly maintenance: boolean;
  /** 0 for a draining target. */
  readonly weight: number;
  readonly line: string;
}

/** Reads the answer of `show servers state`. */
export function parseServerStates(text: string): readonly ServerState[] {
  return text.split('\n').flatMap((line): ServerState[] => {
    const [, backend, , name, , operation, admin, weight] = line.split(' ');
    if (line.startsWith('#') || !backend || !name || weight === undefined || isWaitingRoom(name)) return [];
    return [
      {
        backend,
        name,
        up: operation !== '0',
        forcedDrain: (Number(admin) & FORCED_DRAIN) !== 0,
        maintenance: (Number(admin) & FORCED_MAINTENANCE) !== 0,
        weight: Number(weight),
        line,
      },
    ];
  });
}

/** The state file for a new process: what is known stays, what is new waits for its first good health check. */
export function nextServerStates(servers: readonly ServerEntry[], known: readonly ServerState[]): string {
  const lines = servers.flatMap((server) => {
    if (server.kind === 'draining') return [];
    const before = known.find(
      (it) =>
        it.backend === server.backend &&
        it.name === server.name &&
        it.weight > 0 &&
        !(it.maintenance && server.kind === 'checked'),
    );
    return [before?.line ?? initialLine(server)];
  });
  return ['1', HEADER, ...lines, ''].join('\n');
}

function initialLine(server: ServerEntry): string {
  const admin = server.kind === 'open' ? FORCED_MAINTENANCE : FORCED_DRAIN;
  // Zero here would make HAProxy speak plainly to a server that its configuration has TLS for.
  const tls = server.words.includes(' ssl ') ? 1 : 0;
  return `1 ${server.backend} 1 ${server.name} ${server.ip} ${RUNNING} ${admin} 1 1 0 1 0 0 6 0 0 0 - ${server.port} - ${tls} 0 - - 0`;
}
