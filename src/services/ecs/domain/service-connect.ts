import type { ServiceConnectConfiguration, ServiceConnectService } from '@aws-sdk/client-ecs';
import { invalidParameter, refuseUnsupported } from '../errors.ts';
import type { ConnectHost, ConnectRow, TaskConnectRow } from '../service-connect-tables.ts';
import type { TaskDefinitionRow } from '../tables.ts';

const DISCOVERY_NAME = /^[a-z0-9_][a-z0-9_-]{0,63}$/;
const DNS_NAME = /^[a-z0-9_.][a-z0-9_.-]{0,126}$/;
const HIGHEST_PORT = 65_535;

/** One entry of `services`, with its defaults. */
export interface ConnectOffer {
  readonly portName: string;
  readonly containerPort: number;
  readonly discoveryName: string;
  readonly aliases: readonly { readonly dnsName: string; readonly port: number }[];
}

/**
 * What a service offers in its namespace. What needs a proxy in each task is refused by name.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html
 * @param namespace its name
 * @throws InvalidParameterException, ClientException
 */
export function connectOffers(
  configuration: ServiceConnectConfiguration,
  definition: TaskDefinitionRow,
  namespace: string,
): ConnectOffer[] {
  refuseUnsupported(configuration, UNBUILT, 'serviceConnectConfiguration.');
  const offers = (configuration.services ?? []).map((service) => offerOf(service, definition, namespace));
  needUnique(
    offers.map(({ discoveryName }) => discoveryName),
    'discovery name',
  );
  needUnique(
    offers.flatMap(({ aliases }) => aliases.map(({ dnsName, port }) => `${dnsName}:${port}`)),
    'client alias',
  );
  return offers;
}

const UNBUILT = ['accessLogConfiguration', 'containerConfigurations'];
const UNBUILT_OF_SERVICE = ['tls', 'timeout', 'ingressPortOverride'];

function offerOf(service: ServiceConnectService, definition: TaskDefinitionRow, namespace: string): ConnectOffer {
  refuseUnsupported(service, UNBUILT_OF_SERVICE, 'serviceConnectConfiguration.services.');
  const { portName = '', clientAliases = [] } = service;
  const discoveryName = service.discoveryName ?? portName;
  if (!DISCOVERY_NAME.test(discoveryName)) {
    throw invalidParameter(
      `Invalid discoveryName ${discoveryName}. Up to 64 lowercase letters, numbers, underscores and hyphens are ` +
        "allowed, and it can't start with a hyphen.",
    );
  }
  if (clientAliases.length !== 1) {
    throw invalidParameter(`The Service Connect service ${discoveryName} must have exactly one client alias.`);
  }
  const aliases = clientAliases.map(
    ({ port = 0, dnsName = `${discoveryName}.${namespace}`.toLowerCase(), ...rest }) => {
      refuseUnsupported(rest, ['testTrafficRules'], 'serviceConnectConfiguration.services.clientAliases.');
      if (port < 1 || port > HIGHEST_PORT) throw invalidParameter(`Invalid port ${port} of a client alias.`);
      if (!DNS_NAME.test(dnsName)) throw invalidParameter(`Invalid dnsName ${dnsName} of a client alias.`);
      return { dnsName, port };
    },
  );
  return { portName, containerPort: containerPortOf(portName, definition), discoveryName, aliases };
}

function containerPortOf(portName: string, { definition }: TaskDefinitionRow): number {
  const mappings = (definition.containerDefinitions ?? []).flatMap((container) => container.portMappings ?? []);
  const found = mappings.find((mapping) => mapping.name === portName);
  if (found?.containerPort === undefined) {
    throw invalidParameter(`The task definition does not have a port mapping with the name ${portName}.`);
  }
  if (found.protocol === 'udp') throw invalidParameter(`The port ${portName} is not of TCP, as Service Connect needs.`);
  return found.containerPort;
}

function needUnique(all: readonly string[], what: string): void {
  const twice = all.find((one, index) => all.indexOf(one) !== index);
  if (twice !== undefined) throw invalidParameter(`The ${what} ${twice} is given more than once.`);
}

/** The names of all endpoints that stand in a namespace, each once. */
export function connectHosts(connects: readonly Pick<ConnectRow, 'services'>[]): ConnectHost[] {
  const aliases = connects.flatMap(({ services }) => services.flatMap((service) => service.aliases));
  const byName = new Map(aliases.map(({ dnsName, address }) => [dnsName, address]));
  return [...byName].map(([name, address]) => ({ name, address })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a task of a deployment needs to know. */
export function taskConnect(connect: ConnectRow | undefined): TaskConnectRow | undefined {
  if (!connect) return undefined;
  return {
    hosts: connect.hosts,
    servers: connect.services.map(({ discoveryArn, containerPort, aliases }) => ({
      registryArn: discoveryArn,
      port: containerPort,
      endpoints: aliases.map(({ address, port }) => ({ address, port })),
    })),
  };
}

const FIRST_ADDRESS = 1;
/** The last two are the network's own. */
const LAST_ADDRESS = 4093;

/** The lowest address of 169.254.176.0/20 that is free. */
export function freeAddress(taken: ReadonlySet<string>): string {
  for (let index = FIRST_ADDRESS; index <= LAST_ADDRESS; index++) {
    const address = `169.254.${176 + (index >> 8)}.${index & 255}`;
    if (!taken.has(address)) return address;
  }
  throw invalidParameter(`There are more than ${LAST_ADDRESS} names of Service Connect in this region.`);
}
