import type { EdgeRoute, EdgeTable } from '../load-balancer.ts';
import { errorFileLines } from './error-pages.ts';
import { keptSocketPath } from './kept-sockets.ts';
import { globalLines, seal, SideFiles, type Rendered } from './rendered.ts';
import { section, word } from './text.ts';

export interface EdgeRenderOptions {
  /** Where the edge's HAProxy keeps its files. */
  readonly folder: string;
  readonly owner: string;
  /** The path of the socket on which a listener takes connections from the edge. */
  readonly socketOf: (vpcId: string, listenerId: string) => string;
}

interface Door {
  readonly section: string;
  readonly socket: string;
  readonly hostnames: readonly string[];
  readonly allowedCidrs: readonly string[];
}

const UNKNOWN_NAME = 'No load balancer with a listener on port 80 is known under this name.\n';
const NOT_ALLOWED = 'The security groups of the load balancer do not allow your address.\n';

/**
 * The configuration of the host's own HAProxy. Pure.
 *
 *   https port -> SNI -> the listener's socket, TLS untouched      http port -> Host -> the listener's socket
 *
 * The client's address goes along in the PROXY header. A listener for TCP is reached by the same names, when its clients
 * speak TLS to port 443, or HTTP to port 80. The edge maps only the standard ports, 443 and 80.
 */
export function renderEdgeConfig(edge: EdgeTable, options: EdgeRenderOptions): Rendered {
  const files = new SideFiles(options.folder);
  const http = doors(edge.routes, 80, ['HTTP', 'TCP'], options);
  const https = doors(edge.routes, 443, ['HTTPS', 'TLS', 'TCP'], options);
  const { config, description } = seal(options.owner, globalLines(options.folder), [
    section('defaults', [
      'timeout connect 5s',
      // Longer than any idle timeout of a load balancer: theirs decide.
      'timeout client 4100s',
      'timeout server 4100s',
      'timeout tunnel 4100s',
      'option idle-close-on-response',
      'option http-ignore-probes',
      ...errorFileLines(files),
    ]),
    section('frontend edge_http', httpLines(edge, http, files)),
    section('frontend edge_https', httpsLines(edge, https, files)),
    ...(edge.challengeSocket === undefined ? [] : [challengeBackend(edge.challengeSocket)]),
    ...http.map((door) => backend(door, 'http')),
    ...https.map((door) => backend(door, 'tcp')),
  ]);
  const none = { servers: [], maps: [], sockets: [], lasting: [], cut: [], cutDrained: [] };
  return { config, description, files: files.list(), ...none };
}

function doors(
  routes: readonly EdgeRoute[],
  port: number,
  protocols: readonly string[],
  options: EdgeRenderOptions,
): readonly Door[] {
  const byListener = new Map<string, Door>();
  for (const route of routes) {
    const listener = route.listeners.find((it) => it.port === port && protocols.includes(it.protocol));
    if (!listener) continue;
    const known = byListener.get(listener.listenerId);
    byListener.set(listener.listenerId, {
      section: `to_${listener.listenerId}`,
      socket: options.socketOf(route.vpcId, listener.listenerId),
      hostnames: [...(known?.hostnames ?? []), route.hostname.toLowerCase()],
      allowedCidrs: listener.allowedCidrs,
    });
  }
  return [...byListener.values()];
}

function httpLines(edge: EdgeTable, doors: readonly Door[], files: SideFiles): readonly string[] {
  const unknown = files.add('unknown', '.txt', UNKNOWN_NAME);
  const refused = files.add('refused', '.txt', NOT_ALLOWED);
  return [
    `bind ${edge.bindAddress}:${edge.httpPort}`,
    'mode http',
    'timeout http-request 60s',
    'http-request set-var(txn.name) req.hdr(host),host_only,lower',
    ...lookupLines('http-request', doors, files),
    ...(edge.challengeSocket === undefined ? [] : [CHALLENGES]),
    `http-request return status 404 content-type text/plain file ${unknown} unless { var(txn.to) -m found }`,
    ...doors.flatMap((door) =>
      strangers(door, files).map(
        (acl) => `http-request return status 403 content-type text/plain file ${refused} if ${acl}`,
      ),
    ),
    'use_backend %[var(txn.to)]',
  ];
}

function httpsLines(edge: EdgeTable, doors: readonly Door[], files: SideFiles): readonly string[] {
  return [
    `bind ${edge.bindAddress}:${edge.httpsPort}`,
    'mode tcp',
    'tcp-request inspect-delay 5s',
    'tcp-request content set-var(txn.name) req.ssl_sni,lower if { req.ssl_hello_type 1 }',
    ...lookupLines('tcp-request content', doors, files, ' if { req.ssl_hello_type 1 }'),
    'tcp-request content reject if { req.ssl_hello_type 1 } !{ var(txn.to) -m found }',
    ...doors.flatMap((door) =>
      strangers(door, files).map((acl) => `tcp-request content reject if { req.ssl_hello_type 1 } ${acl}`),
    ),
    'tcp-request content accept if { req.ssl_hello_type 1 }',
    'tcp-request content reject if WAIT_END',
    'use_backend %[var(txn.to)]',
  ];
}

/** The whole name first, then with its first label as `*`. */
function lookupLines(directive: string, doors: readonly Door[], files: SideFiles, condition = ''): readonly string[] {
  const lines = doors.flatMap((door) => door.hostnames.map((hostname) => `${hostname} ${door.section}`));
  const map = files.add('names', '.map', `${lines.toSorted().join('\n')}\n`);
  const orFound = condition === '' ? ' unless { var(txn.to) -m found }' : `${condition} !{ var(txn.to) -m found }`;
  return [
    `${directive} set-var(txn.to) ${word(`var(txn.name),map_str(${map})`)}${condition}`,
    `${directive} set-var(txn.to) ${word(`var(txn.name),regsub(^[^.]+,*),map_str(${map})`)}${orFound}`,
  ];
}

/** An ACL for clients whom the security groups of the door keep out; none where everyone may come in. */
function strangers(door: Door, files: SideFiles): readonly string[] {
  if (door.allowedCidrs.includes('0.0.0.0/0')) return [];
  const list = files.add('allowed', '.txt', `${door.allowedCidrs.toSorted().join('\n')}\n`);
  return [`{ var(txn.to) -m str ${door.section} } !{ src -f ${list} }`];
}

/** Whatever the name: a public authority may ask for one that has no load balancer yet. */
const CHALLENGES = 'http-request set-var(txn.to) str(acme_challenges) if { path_beg /.well-known/acme-challenge/ }';

function challengeBackend(socket: string): string {
  return section('backend acme_challenges', ['mode http', `server challenges unix@${socket}`]);
}

/** A worker that is replaced may leave connections that it has not accepted yet: nobody has seen their requests. */
const RETRY_LINES = [
  'retry-on conn-failure empty-response',
  'http-request disable-l7-retry unless { method GET HEAD OPTIONS }',
];

function backend(door: Door, mode: 'http' | 'tcp'): string {
  return section(`backend ${door.section}`, [
    `mode ${mode}`,
    // A connection says whose it is, so nobody else can use it again; HAProxy would keep it for that and close others.
    ...(mode === 'http' ? ['http-reuse never', ...RETRY_LINES] : []),
    // A connection that the listener's socket refuses goes to the one of before at once: both lead to the listener.
    'balance first',
    'option redispatch 1',
    `server listener unix@${door.socket} send-proxy-v2`,
    `server before unix@${keptSocketPath(door.socket)} send-proxy-v2`,
  ]);
}
