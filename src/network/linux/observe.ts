import { readdir, statfs } from 'node:fs/promises';
import { ask, run } from './command.ts';
import { NAMESPACE_FOLDER, TASK_LINK_PREFIX, TRANSIT } from './link-names.ts';

/** What the kernel has in a VPC's namespace. */
export interface ObservedRouter {
  readonly loopbackUp: boolean;
  /** Addresses of ours on the loopback link. */
  readonly addresses: readonly string[];
  readonly transit?: ObservedLink;
  readonly taskLinks: readonly string[];
  readonly defaultGateway?: string;
  readonly blackholes: readonly string[];
}

export interface ObservedLink {
  readonly up: boolean;
  /** With prefix length: `198.19.0.1/30`. */
  readonly addresses: readonly string[];
  readonly alias?: string;
}

/** What the kernel has of one VPC on the host. */
export interface ObservedHost {
  readonly link?: ObservedLink;
  /** Public addresses routed into the VPC. */
  readonly publicRoutes: readonly string[];
}

/** The members of `ip -j address` and `ip -j link` that are read here. */
export interface IpLink {
  readonly ifname: string;
  readonly ifindex: number;
  readonly link_index?: number;
  readonly flags: readonly string[];
  readonly address?: string;
  readonly ifalias?: string;
  readonly addr_info?: readonly { readonly family: string; readonly local: string; readonly prefixlen: number }[];
}

/** The members of `ip -j route` that are read here. */
export interface IpRoute {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly metric?: number;
}

const NSFS_MAGIC = 0x6e736673;

/** `ip -j` writes nothing at all, or `[{}]`, where it has nothing to say. */
export function parseIpJson<T extends object>(text: string): T[] {
  const rows: T[] = text.trim() === '' ? [] : JSON.parse(text);
  return rows.filter((row) => Object.keys(row).length > 0);
}

/** Names in the namespace folder that are namespaces; a file left by a crash is not one. */
export async function listNamespaces(prefix: string): Promise<string[]> {
  const names = await readdir(NAMESPACE_FOLDER).catch(() => []);
  const ours = names.filter((name) => name.startsWith(prefix));
  const live = await Promise.all(ours.map(isNamespace));
  return ours.filter((_name, index) => live[index]);
}

export async function isNamespace(name: string): Promise<boolean> {
  const found = await statfs(`${NAMESPACE_FOLDER}/${name}`).catch(() => undefined);
  return found?.type === NSFS_MAGIC;
}

export async function observeRouter(namespace: string): Promise<ObservedRouter> {
  const [links, routes] = await Promise.all([
    run('ip', ['-n', namespace, '-j', 'address', 'show']),
    run('ip', ['-n', namespace, '-j', 'route', 'show']),
  ]);
  return readRouter(parseIpJson<IpLink>(links), parseIpJson<IpRoute>(routes));
}

export async function observeHost(link: string): Promise<ObservedHost> {
  const links = await ask('ip', ['-d', '-j', 'address', 'show', 'dev', link]);
  if (links === undefined) return { publicRoutes: [] };
  const routes = (await ask('ip', ['-j', 'route', 'show', 'dev', link])) ?? '';
  return readHost(parseIpJson<IpLink>(links), parseIpJson<IpRoute>(routes));
}

export function readRouter(links: readonly IpLink[], routes: readonly IpRoute[]): ObservedRouter {
  const loopback = links.find((link) => link.ifname === 'lo');
  const transit = links.find((link) => link.ifname === TRANSIT);
  const defaultGateway = routes.find((route) => route.dst === 'default')?.gateway;
  return {
    loopbackUp: loopback?.flags.includes('UP') ?? false,
    addresses: addressesOf(loopback)
      .map((address) => address.replace('/32', ''))
      .filter((address) => !address.startsWith('127.')),
    ...(transit ? { transit: readLink(transit) } : {}),
    taskLinks: links.map((link) => link.ifname).filter((name) => name.startsWith(TASK_LINK_PREFIX)),
    ...(defaultGateway === undefined ? {} : { defaultGateway }),
    blackholes: routes.filter((route) => route.type === 'blackhole').map((route) => route.dst),
  };
}

export function readHost(links: readonly IpLink[], routes: readonly IpRoute[]): ObservedHost {
  const [link] = links;
  const publicRoutes = routes.filter((route) => route.gateway !== undefined).map((route) => route.dst);
  return { ...(link ? { link: readLink(link) } : {}), publicRoutes };
}

function readLink(link: IpLink): ObservedLink {
  return {
    up: link.flags.includes('UP'),
    addresses: addressesOf(link),
    ...(link.ifalias === undefined ? {} : { alias: link.ifalias }),
  };
}

function addressesOf(link: IpLink | undefined): string[] {
  return (link?.addr_info ?? [])
    .filter((info) => info.family === 'inet')
    .map((info) => `${info.local}/${info.prefixlen}`);
}
