import type { ListenerRoutes, RouteTable } from '../load-balancer.ts';
import { answerLines, forwardLines, matchLines } from './actions.ts';
import { backendSections, serverEntries } from './backends.ts';
import { sectionNames } from './sections.ts';
import { clientCertificateLines, clientCertificateWords } from './client-certificates.ts';
import { errorFileLines } from './error-pages.ts';
import { headerLines, responseHeaderLines } from './headers.ts';
import { jwtLines } from './jwt.ts';
import { checkRing } from './log-checks.ts';
import { loggedHeaderLines, logLines } from './log-format.ts';
import { globalLines, seal, SideFiles, type Rendered } from './rendered.ts';
import { isStream, streamDefaults, streamFrontend } from './stream-config.ts';
import { batches, identifier, section } from './text.ts';
import { transformLines } from './transforms.ts';
import { bindName, zoneLines } from './zones.ts';

export interface VpcRenderOptions {
  /** Where this VPC's HAProxy keeps its files. */
  readonly folder: string;
  /** Who it belongs to: part of the description that the running process shows. */
  readonly owner: string;
}

/**
 * The configuration of one VPC's HAProxy. Pure.
 *
 *   frontend (one for each listener: its addresses, and a socket for the edge)
 *      -> txn.rule -> redirect | fixed response | txn.tg -> backend tg_ID, or open_ID when no target of the group is healthy
 *
 * A listener for HTTPS or TLS without a certificate is left out: it could not answer.
 */
export function renderVpcConfig(table: RouteTable, options: VpcRenderOptions): Rendered {
  const files = new SideFiles(options.folder);
  const listeners = table.listeners.filter((it) => !ENCRYPTED.includes(it.protocol) || it.certificates.length > 0);
  const used = groupsInUse(table, listeners);
  const streams = listeners.filter((it) => isStream(it.protocol));
  const frontends = (of: readonly ListenerRoutes[]) => of.map((it) => frontend(it, table, files, options.folder));
  const backends = (of: typeof used) =>
    of.flatMap(({ group, listener }) =>
      backendSections(group, {
        files,
        sourceAddress: listener.addresses[0] ?? '0.0.0.0',
        idleTimeoutMs: listener.idleTimeoutMs,
        tellChecks: listener.logs?.healthChecks ?? false,
      }),
    );
  const { config, description } = seal(options.owner, globalLines(options.folder), [
    ...checkRing(listeners),
    defaults(files),
    ...frontends(listeners.filter((it) => !isStream(it.protocol))),
    ...backends(used.filter(({ group }) => !isStream(group.protocol))),
    ...(streams.length > 0 ? [streamDefaults()] : []),
    ...frontends(streams),
    ...backends(used.filter(({ group }) => isStream(group.protocol))),
  ]);
  const servers = used.flatMap(({ group }) => serverEntries(group));
  const streamSections = (keep: boolean) =>
    used.flatMap(({ group }) =>
      isStream(group.protocol) && (group.keepDeregistered ?? false) === keep ? sectionNames(group) : [],
    );
  const [lasting, cut] = [streamSections(true), streamSections(false)];
  const cutDrained = used.flatMap(({ group }) => (isStream(group.protocol) ? [] : sectionNames(group)));
  const sockets = listeners.map(({ listenerId }) => edgeSocketPath(options.folder, listenerId));
  return { config, description, files: files.list(), maps: files.maps(), sockets, servers, lasting, cut, cutDrained };
}

/** Listeners that end the client's TLS. */
const ENCRYPTED: readonly string[] = ['HTTPS', 'TLS'];

/** Where the edge reaches a listener: a path, because sockets in the file system cross network namespaces. */
export function edgeSocketPath(vpcFolder: string, listenerId: string): string {
  return `${vpcFolder}/${identifier(listenerId)}.sock`;
}

function defaults(files: SideFiles): string {
  return section('defaults', [
    'mode http',
    'timeout connect 10s',
    'timeout client 60s',
    'timeout server 60s',
    'retries 2',
    'option redispatch 1',
    'option idle-close-on-response',
    'option http-ignore-probes',
    'load-server-state-from-file global',
    ...errorFileLines(files),
  ]);
}

function frontend(listener: ListenerRoutes, table: RouteTable, files: SideFiles, folder: string): string {
  const tls = ENCRYPTED.includes(listener.protocol) ? ` ${tlsWords(listener, files)}` : '';
  // All that the load balancer forwards to, whichever listener does, so that a rule can turn to another at run time.
  const ofLoadBalancer = table.listeners.filter((it) => it.loadBalancerId === listener.loadBalancerId);
  const groups = table.targetGroups.filter(({ targetGroupId: id }) => ofLoadBalancer.some((it) => forwardsTo(it, id)));
  const binds = [
    // transparent: the address may be added to the namespace a moment later
    ...listener.addresses.map(
      (address, at) => `bind ${address}:${listener.port} transparent name ${bindName(listener, at)}${tls}`,
    ),
    `bind unix@${edgeSocketPath(folder, listener.listenerId)} accept-proxy mode 600 name edge${tls}`,
  ];
  if (isStream(listener.protocol)) return streamFrontend(listener, { files, binds, groups });
  const around = { listener, files, edgePorts: table.edgePorts, groups };
  return section(`frontend ${identifier(listener.listenerId)}`, [
    ...binds,
    `timeout client ${listener.idleTimeoutMs}ms`,
    `timeout http-request ${listener.idleTimeoutMs}ms`,
    `timeout http-keep-alive ${listener.idleTimeoutMs}ms`,
    ...proxyLines(listener),
    ...responseHeaderLines(listener),
    ...zoneLines(listener, groups, 'http-request', files),
    ...nameLines(listener),
    ...logLines(listener, files),
    // Conditions see the request as the client sent it: before the headers.
    ...matchLines(listener.rules),
    ...jwtLines(listener.rules, files),
    ...answerLines(listener.rules, around),
    ...transformLines(listener.rules),
    ...headerLines(listener),
    ...loggedHeaderLines(listener),
    ...clientCertificateLines(listener),
    ...forwardLines(listener.rules, around),
  ]);
}

/** What conditions, transforms and redirects may ask for; most listeners have none that does. */
function nameLines({ rules, protocol }: ListenerRoutes): readonly string[] {
  const redirects = rules.some(({ action }) => action.type === 'redirect');
  const asked = rules.some(
    ({ conditions, transforms = [] }) =>
      conditions.some(({ field }) => field === 'host-header') ||
      transforms.some(({ type }) => type === 'host-header-rewrite'),
  );
  return [
    ...(redirects || asked ? ['http-request set-var(txn.host) req.hdr(host),host_only,lower'] : []),
    ...(redirects ? [`http-request set-var(txn.proto) str(${protocol.toLowerCase()})`] : []),
  ];
}

/** The client of a load balancer in front is told by a PROXY header; the port is this listener's all the same. */
function proxyLines({ proxyFrom, port }: ListenerRoutes): readonly string[] {
  if (!proxyFrom?.length) return [];
  return [
    ...batches(proxyFrom).map(
      (some) => `tcp-request connection expect-proxy layer4 if { src ${some.join(' ')} } !{ so_name -m str edge }`,
    ),
    `http-request set-dst-port int(${port}) unless { so_name -m str edge }`,
  ];
}

function tlsWords(listener: ListenerRoutes, files: SideFiles): string {
  const paths = listener.certificates.map(({ pem }) => files.add('cert', '.pem', pem, { secret: true }));
  const list = files.add('crt-list', '.txt', `${paths.join('\n')}\n`);
  const alpn = listener.protocol === 'TLS' ? (listener.alpn ?? []) : alpnOf(listener);
  const versions = `ssl-min-ver ${listener.minTlsVersion} ssl-max-ver ${listener.maxTlsVersion}`;
  const tls13 = listener.ciphers.filter((cipher) => cipher.startsWith('TLS_'));
  const older = listener.ciphers.filter((cipher) => !cipher.startsWith('TLS_'));
  const suites = tls13.length > 0 ? ` ciphersuites ${tls13.map(identifier).join(':')}` : '';
  const ciphers = older.length > 0 ? ` ciphers ${older.map(identifier).join(':')}` : '';
  const protocols = alpn.length > 0 ? ` alpn ${alpn.join(',')}` : '';
  const clients = clientCertificateWords(listener, files, paths[0] ?? '');
  return `ssl crt-list ${list}${protocols} ${versions}${ciphers}${suites}${clients}`;
}

function alpnOf({ options }: ListenerRoutes): readonly string[] {
  return options.http2 ? ['h2', 'http/1.1'] : ['http/1.1'];
}

/** Target groups that some listener forwards to, with the first such listener. */
export function groupsInUse(table: RouteTable, listeners: readonly ListenerRoutes[] = table.listeners) {
  return table.targetGroups.flatMap((group) => {
    const listener = listeners.find((it) => forwardsTo(it, group.targetGroupId));
    return listener ? [{ group, listener }] : [];
  });
}

export function forwardsTo(listener: ListenerRoutes, targetGroupId: string): boolean {
  return listener.rules.some(
    ({ action }) =>
      action.type === 'forward' && action.targets.some((target) => target.targetGroupId === targetGroupId),
  );
}
