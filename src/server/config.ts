import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { LogLevel } from '../kernel/log.ts';

export interface Config {
  readonly home: string;
  readonly address: string;
  /** 0 is any free one. */
  readonly port: number;
  readonly account: string;
  /** Where unsigned requests go in permissive mode, and what `longshore env` prints. */
  readonly region: string;
  readonly auth: 'strict' | 'permissive';
  readonly edgeAddress: string;
  /** Left out: 80 and 443, else 8080 and 8443, else free ones. */
  readonly httpPort?: number;
  readonly httpsPort?: number;
  readonly dockerSocket: string;
  /** Under which load balancers and name servers get their names. */
  readonly domain: string;
  /** Private to this host, see address-blocks.ts. Left out: a block that no other server of the host has. */
  readonly transitCidr?: string;
  readonly publicCidr?: string;
  readonly stoppedTaskRetentionMs: number;
  /** How long LookupEvents knows an event. */
  readonly trailRetentionMs: number;
  /** How often trails deliver log files, and digests. */
  readonly trailDeliveryMs: number;
  readonly trailDigestMs: number;
  /** How often load balancers deliver their logs. */
  readonly loadBalancerLogMs: number;
  /** How often ECR evaluates lifecycle policies, and whether these leave alone what ECS uses. */
  readonly lifecycleIntervalMs: number;
  readonly lifecycleSparesImagesInUse: boolean;
  /** The program that scans ECR's images: a path, or a name on the PATH. */
  readonly trivy: string;
  /** A file of other registries that images are replicated to. */
  readonly replicationTargets?: string;
  /** The ACME directory that issues certificates for public names; without one the built-in authority does. */
  readonly acmeDirectory?: string;
  readonly acmeEmail?: string;
  /** A file of certificates to trust beside the public roots: of a private ACME server. */
  readonly acmeCa?: string;
  /** Hosts, with or without a port, that lifecycle hooks of deployments may be on. */
  readonly deploymentHookHosts: readonly string[];
  /** A file of where the clients of the DNS server are. */
  readonly clientLocations?: string;
  /** How many times the host's CPUs and its memory may be promised to instances: all of them are never used at once. */
  readonly cpuOvercommit: number;
  readonly memoryOvercommit: number;
  /** How often ECS measures capacity providers: 10, 30 or 60 s. */
  readonly managedScalingMs: number;
  /** For so many of these, instances must be free before they go: 15 as in AWS. */
  readonly managedScaleInPeriods: number;
  readonly logFormat: 'json' | 'text';
  readonly logLevel: LogLevel;
}

/** Each option as `--name` and as `LONGSHORE_NAME`, with its default. */
const DEFAULTS = {
  home: '',
  address: '127.0.0.1',
  port: '4566',
  account: '123456789012',
  region: 'us-east-1',
  auth: 'strict',
  'edge-address': '127.0.0.1',
  'http-port': '',
  'https-port': '',
  docker: 'unix:///var/run/docker.sock',
  domain: 'localhost',
  'transit-cidr': '',
  'public-cidr': '',
  'stopped-task-retention-seconds': '3600',
  'trail-retention-days': '90',
  'trail-delivery-seconds': '300',
  'trail-digest-seconds': '3600',
  'load-balancer-log-seconds': '300',
  'lifecycle-interval-seconds': '21600',
  'lifecycle-spares-images-in-use': 'false',
  trivy: 'trivy',
  'replication-targets': '',
  'acme-directory': '',
  'acme-email': '',
  'acme-ca': '',
  'deployment-hook-hosts': '',
  'client-locations': '',
  'cpu-overcommit': '64',
  'memory-overcommit': '16',
  'managed-scaling-seconds': '60',
  'managed-scale-in-periods': '15',
  'log-format': 'text',
  'log-level': 'info',
} as const;

type OptionName = keyof typeof DEFAULTS;

export class ConfigError extends Error {}

/** @throws ConfigError naming the option and what it takes */
export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): Config {
  const given = parse(args);
  const text = (name: OptionName): string =>
    given[name] ?? env[`LONGSHORE_${name.replaceAll('-', '_').toUpperCase()}`] ?? DEFAULTS[name];
  const count = (name: OptionName, unit: string): number =>
    Number(matching(name, text(name), /^[1-9]\d*$|^0$/, `a number of ${unit}`));
  const interval = (name: OptionName): number =>
    Number(matching(name, text(name), /^[1-9]\d*$/, 'a number of seconds, from 1')) * 1000;
  const factor = (name: OptionName): number =>
    Number(matching(name, text(name), /^[1-9]\d{0,3}$/, 'a whole number from 1'));
  const auth = oneOf('auth', text('auth'), ['strict', 'permissive']);
  const address = text('address');
  if (auth === 'permissive' && !isLoopback(address)) {
    throw new ConfigError('--auth permissive lets anyone in: it is allowed on a loopback --address only.');
  }
  const [transitCidr, publicCidr] = (['transit-cidr', 'public-cidr'] as const).map((name) =>
    text(name) === '' ? undefined : matching(name, text(name), CIDR, 'an IPv4 CIDR'),
  );
  const replicationTargets = text('replication-targets');
  const acmeDirectory = text('acme-directory');
  const acmeEmail = text('acme-email');
  const acmeCa = text('acme-ca');
  const clientLocations = text('client-locations');
  const httpPort = text('http-port');
  const httpsPort = text('https-port');
  return {
    home: resolve(text('home') || join(homedir(), '.longshore')),
    address,
    port: portOf('port', text('port')),
    account: matching('account', text('account'), /^\d{12}$/, 'twelve digits'),
    region: matching('region', text('region'), /^[a-z]{2,}(-[a-z]+)+-\d+$/, 'a region, e.g. us-east-1'),
    auth,
    edgeAddress: text('edge-address'),
    dockerSocket: dockerSocketOf(text('docker')),
    domain: matching('domain', text('domain'), /^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'a DNS name'),
    stoppedTaskRetentionMs: count('stopped-task-retention-seconds', 'seconds') * 1000,
    trailRetentionMs: count('trail-retention-days', 'days') * 24 * 60 * 60 * 1000,
    trailDeliveryMs: interval('trail-delivery-seconds'),
    trailDigestMs: interval('trail-digest-seconds'),
    loadBalancerLogMs: interval('load-balancer-log-seconds'),
    lifecycleIntervalMs: interval('lifecycle-interval-seconds'),
    lifecycleSparesImagesInUse:
      oneOf('lifecycle-spares-images-in-use', text('lifecycle-spares-images-in-use'), ['true', 'false']) === 'true',
    trivy: programOf(text('trivy') || DEFAULTS.trivy),
    deploymentHookHosts: hostList(text('deployment-hook-hosts')),
    cpuOvercommit: factor('cpu-overcommit'),
    memoryOvercommit: factor('memory-overcommit'),
    managedScaleInPeriods: factor('managed-scale-in-periods'),
    managedScalingMs:
      Number(oneOf('managed-scaling-seconds', text('managed-scaling-seconds'), ['10', '30', '60'])) * 1000,
    logFormat: oneOf('log-format', text('log-format'), ['json', 'text']),
    logLevel: oneOf('log-level', text('log-level'), ['debug', 'info', 'warn', 'error']),
    ...(acmeDirectory === ''
      ? {}
      : { acmeDirectory: matching('acme-directory', acmeDirectory, /^https?:\/\/\S+$/, 'the URL of a directory') }),
    ...(acmeEmail === '' ? {} : { acmeEmail: matching('acme-email', acmeEmail, /^\S+@\S+$/, 'an e-mail address') }),
    ...(acmeCa === '' ? {} : { acmeCa: resolve(acmeCa) }),
    ...(clientLocations === '' ? {} : { clientLocations: resolve(clientLocations) }),
    ...(replicationTargets === '' ? {} : { replicationTargets: resolve(replicationTargets) }),
    ...(transitCidr === undefined ? {} : { transitCidr }),
    ...(publicCidr === undefined ? {} : { publicCidr }),
    ...(httpPort === '' ? {} : { httpPort: portOf('http-port', httpPort) }),
    ...(httpsPort === '' ? {} : { httpsPort: portOf('https-port', httpsPort) }),
  };
}

const CIDR = /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/;

function parse(args: readonly string[]): Partial<Record<OptionName, string>> {
  const options = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error));
  }
}

/** A name without a slash is looked for on the PATH. */
function programOf(text: string): string {
  return text.includes('/') ? resolve(text) : text;
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new ConfigError(`--${name} takes a port, not '${text}'.`);
  return port;
}

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new ConfigError(`--${name} takes one of ${allowed.join(', ')}, not '${text}'.`);
  return found;
}

function matching(name: string, text: string, pattern: RegExp, what: string): string {
  if (!pattern.test(text)) throw new ConfigError(`--${name} takes ${what}, not '${text}'.`);
  return text;
}

function dockerSocketOf(text: string): string {
  const path = text.replace(/^unix:\/\//, '');
  if (!path.startsWith('/')) {
    throw new ConfigError(`--docker takes a unix socket, e.g. unix:///var/run/docker.sock, not '${text}'.`);
  }
  return path;
}

export function isLoopback(address: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(address) || address === '::1' || address === 'localhost';
}

function hostList(text: string): string[] {
  const hosts = text.split(',').flatMap((host) => host.trim() || []);
  return hosts.map((host) =>
    matching(
      'deployment-hook-hosts',
      host,
      /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/,
      'HOST or HOST:PORT, by commas',
    ),
  );
}
