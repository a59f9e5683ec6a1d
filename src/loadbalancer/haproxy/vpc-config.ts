import type { ListenerRoutes, RouteTable } from '../load-balancer.ts';
import { answerLines, forwardLines, matchLines } from './actions.ts';
import { backendSections, groupSections, serverEntries } from './backends.ts';
import { errorFileLines } from './error-pages.ts';
import { headerLines } from './headers.ts';
import { globalLines, seal, SideFiles, type Rendered } from './rendered.ts';
import { identifier, section } from './text.ts';

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
 *      -> txn.rule -> redirect | fixed response | backend tg_ID, or open_ID when no target of the group is healthy
 *
 * A listener for HTTPS without a certificate is left out: it could not answer.
 */
export function renderVpcConfig(table: RouteTable, options: VpcRenderOptions): Rendered {
  const files = new SideFiles(options.folder);
  const listeners = table.listeners.filter((it) => it.protocol === 'HTTP' || it.certificates.length > 0);
  const used = groupsInUse(table, listeners);
  const frontends = listeners.map((listener) => frontend(listener, table, files, options.folder));
  const backends = used.flatMap(({ group, listener }) =>
    backendSections(group, {
      files,
      sourceAddress: listener.addresses[0] ?? '0.0.0.0',
      idleTimeoutMs: listener.idleTimeoutMs,
    }),
  );
  const { config, description } = seal(options.owner, globalLines(options.folder), [
    defaults(files),
    ...frontends,
    ...backends,
  ]);
  return { config, description, files: files.list(), servers: used.flatMap(({ group }) => serverEntries(group)) };
}

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
  const tls = listener.protocol === 'HTTPS' ? ` ${tlsWords(listener, files)}` : '';
  const sectionsOf = (id: string) => {
    const group = table.targetGroups.find((it) => it.targetGroupId === id);
    return group?.targets.some((target) => !target.draining) ? groupSections(id) : undefined;
  };
  const around = { files, edgePorts: table.edgePorts, sectionsOf };
  return section(`frontend ${identifier(listener.listenerId)}`, [
    // transparent: the address may be added to the namespace a moment later
    ...listener.addresses.map((address) => `bind ${address}:${listener.port} transparent name direct${tls}`),
    `bind unix@${edgeSocketPath(folder, listener.listenerId)} accept-proxy mode 600 name edge${tls}`,
    `timeout client ${listener.idleTimeoutMs}ms`,
    `timeout http-request ${listener.idleTimeoutMs}ms`,
    `timeout http-keep-alive ${listener.idleTimeoutMs}ms`,
    'http-request set-var(txn.host) req.hdr(host),host_only,lower',
    `http-request set-var(txn.proto) str(${listener.protocol.toLowerCase()})`,
    // Conditions see the request as the client sent it: before the headers.
    ...matchLines(listener.rules),
    ...answerLines(listener.rules, around),
    ...headerLines(listener),
    ...forwardLines(listener.rules, around),
  ]);
}

function tlsWords(listener: ListenerRoutes, files: SideFiles): string {
  const paths = listener.certificates.map(({ pem }) => files.add('cert', '.pem', pem, { secret: true }));
  const list = files.add('crt-list', '.txt', `${paths.join('\n')}\n`);
  const alpn = listener.options.http2 ? 'h2,http/1.1' : 'http/1.1';
  return `ssl crt-list ${list} alpn ${alpn} ssl-min-ver ${listener.minTlsVersion}`;
}

/** Target groups that some listener forwards to and that have targets, with the first such listener. */
function groupsInUse(table: RouteTable, listeners: readonly ListenerRoutes[]) {
  return table.targetGroups.flatMap((group) => {
    if (group.targets.length === 0) return [];
    const listener = listeners.find((it) =>
      it.rules.some(
        ({ action }) =>
          action.type === 'forward' && action.targets.some((target) => target.targetGroupId === group.targetGroupId),
      ),
    );
    return listener ? [{ group, listener }] : [];
  });
}
