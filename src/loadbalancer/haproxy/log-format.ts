import { X509Certificate } from 'node:crypto';
import type { ListenerLogs, ListenerRoutes, Rule } from '../load-balancer.ts';
import type { SideFiles } from './rendered.ts';
import { batches, identifier, word } from './text.ts';

/** The file descriptor that HAProxy is started with for its logs. */
export const LOG_DESCRIPTOR = 3;
/** The line of a configuration that needs it. */
export const LOGS_TO = `log fd@${LOG_DESCRIPTOR}`;

/** What the rules that validate tokens do first. */
export const VALIDATION = 'jwt-validation';

/** Longer than the longest headers that HAProxy takes, and their escapes. */
const LONGEST_LINE = 65_535;

/**
 * What a frontend says to log: a line of JSON for each request, after the load balancer's id, and one for each handshake
 * that failed. log-lines.ts reads them. It runs before the rules, and keeps what the client said.
 */
export function logLines(listener: ListenerRoutes, files: SideFiles): readonly string[] {
  const { logs, rules } = listener;
  if (!logs || !tellsRequests(logs)) return [];
  const redirects = rules.some(({ action }) => action.type === 'redirect');
  return [
    `${LOGS_TO} len ${LONGEST_LINE} format raw local0`,
    `log-format ${word(line(listener, requestFields(listener, files)))}`,
    `error-log-format ${word(line(listener, failureFields(listener, files)))}`,
    'tcp-request connection set-var(sess.log_id) uuid(),regsub(-,,g)',
    // Of a connection nothing is left to say after its first request.
    ...(logs.requests ? [] : ['http-request set-log-level silent if { var(sess.logged) -m found }']),
    'http-request set-var(txn.log_first) int(1) unless { var(sess.logged) -m found }',
    'http-request set-var(sess.logged) int(1)',
    ...Object.entries(KEPT).map(([name, fetch]) => `http-request set-var(txn.log_${name}) ${fetch}`),
    `http-request set-var-fmt(txn.log_trace) 'Root=1-%[date,bytes(4,4),hex,lower]-%[uuid(),regsub(-,,g),bytes(0,24)]'`,
    'http-response set-var(txn.log_answer) status',
    // What the client gets: the page for an error may say another status than HAProxy does.
    'http-after-response set-var(txn.log_status) status',
    ...(redirects ? ['http-after-response set-var(txn.log_location) res.hdr(location)'] : []),
  ];
}

/** What a request has become on its way to a target: after its headers were added. */
export function loggedHeaderLines({ logs, rules }: ListenerRoutes): readonly string[] {
  if (!logs || !tellsRequests(logs)) return [];
  const transforming = rules.filter(({ transforms = [] }) => transforms.length > 0).map(({ ruleId }) => ruleId);
  const chosen = batches(transforming.map(identifier)).map((ids) => `{ var(txn.rule) -m str -- ${ids.join(' ')} }`);
  return [
    'http-request set-var(txn.log_trace) req.fhdr(x-amzn-trace-id)',
    ...chosen.flatMap((acl) => [
      `http-request set-var(txn.log_new_host) req.hdr(host) if ${acl}`,
      `http-request set-var(txn.log_new_uri) pathq if ${acl}`,
    ]),
  ];
}

/** Health checks are no work of a frontend. */
function tellsRequests({ requests, connections }: ListenerLogs): boolean {
  return requests || connections;
}

/** Variables of what the client said: headers are gone when a line is written. */
const KEPT = {
  method: 'method',
  uri: 'pathq',
  version: 'req.ver',
  host: 'req.hdr(host)',
  agent: 'req.fhdr(user-agent)',
  upgrade: 'req.hdr(upgrade)',
  content: 'req.hdr(content-type)',
} as const;

const text = (expression: string) => `"%[${expression},json]"`;
const variable = (name: string) => text(`var(txn.log_${name})`);

function line({ loadBalancerId }: ListenerRoutes, fields: Readonly<Record<string, string>>): string {
  const members = Object.entries(fields).map(([name, value]) => `"${name}":${value}`);
  return `${identifier(loadBalancerId)} {${members.join(',')}}`;
}

function requestFields(listener: ListenerRoutes, files: SideFiles): Readonly<Record<string, string>> {
  const rules = files.add('log-rules', '.map', listener.rules.map(ruleEntry).join(''));
  const groups = files.add('log-groups', '.map', mapOf(listener.logs?.targetGroups ?? {}));
  return {
    kind: `"${listener.logs?.requests ? 'request' : 'connection'}"`,
    ...commonFields(listener, files),
    first: '"%[var(txn.log_first)]"',
    https: String(listener.protocol === 'HTTPS'),
    total: '%Ta',
    handshake: '%Th',
    received: '%TR',
    queued: '%Tw',
    connected: '%Tc',
    answered: '%Tr',
    status: '%ST',
    said: '"%[var(txn.log_status)]"',
    end: '"%ts"',
    answer: '"%[var(txn.log_answer)]"',
    // Servers have the names of their addresses.
    target: '"%s"',
    group: text(`var(txn.tg),map_str(${groups})`),
    in: '%U',
    out: '%B',
    rule: text(`var(txn.rule),map_str(${rules})`),
    trace: variable('trace'),
    location: variable('location'),
    newHost: variable('new_host'),
    newUri: variable('new_uri'),
    ...Object.fromEntries(Object.keys(KEPT).map((name) => [name, variable(name)])),
  };
}

function failureFields(listener: ListenerRoutes, files: SideFiles): Readonly<Record<string, string>> {
  return {
    kind: '"failure"',
    ...commonFields(listener, files),
    // Of a chain, and of the client's own certificate.
    chainError: '"%[ssl_c_ca_err]"',
    error: '"%[ssl_c_err]"',
  };
}

function commonFields(listener: ListenerRoutes, files: SideFiles): Readonly<Record<string, string>> {
  const { addresses, logs, port, protocol, clientCertificates } = listener;
  const nodes = files.add('log-nodes', '.map', mapOf(logs?.nodes ?? {}));
  // A client of the edge came to another address of the host.
  const first = addresses[0] ?? '';
  const other = identifier(logs?.nodes[first] ?? (first || 'none'));
  return {
    at: '%[date(0,us)]',
    id: '"%[var(sess.log_id)]"',
    ip: '"%ci"',
    clientPort: '%cp',
    node: `"%[dst,map_str(${nodes},${other})]"`,
    port: String(port),
    ...(protocol === 'HTTPS' ? tlsFields(listener, files) : {}),
    ...(protocol === 'HTTPS' && clientCertificates ? CLIENT_CERTIFICATE : {}),
  };
}

function tlsFields({ certificates }: ListenerRoutes, files: SideFiles): Readonly<Record<string, string>> {
  const shown = files.add('log-certs', '.map', certificates.flatMap(certificateEntry).join(''));
  return {
    protocol: '"%sslv"',
    cipher: '"%sslc"',
    name: text('ssl_fc_sni'),
    certificate: `"%[ssl_f_sha1,hex,map_str(${shown})]"`,
  };
}

const CLIENT_CERTIFICATE = {
  subject: text('ssl_c_s_dn(,0,rfc2253)'),
  serial: '"%[ssl_c_serial,hex]"',
  // As the client wrote them, whoever signed them.
  from: text('ssl_c_notbefore'),
  to: text('ssl_c_notafter'),
} as const;

function ruleEntry({ ruleId, priority = 0, jwt, action }: Rule): string {
  return `${identifier(ruleId)} ${priority} ${jwt ? `${VALIDATION},` : ''}${action.type}\n`;
}

/** A certificate that cannot be read is one that HAProxy does not take either. */
function certificateEntry({ certificateId, pem }: ListenerRoutes['certificates'][number]): readonly string[] {
  try {
    return [`${new X509Certificate(pem).fingerprint.replaceAll(':', '')} ${certificateId}\n`];
  } catch {
    return [];
  }
}

function mapOf(entries: Readonly<Record<string, string>>): string {
  return Object.entries(entries)
    .map(([key, value]) => `${identifier(key)} ${value}\n`)
    .join('');
}
