import type { Input } from '../api/clients.ts';
import type { MetadataRecord } from '../services/ec2/index.ts';
import { AGENT_CAPABILITIES, PRIVILEGED } from '../services/ecs/index.ts';
import type { AgentConfig } from './agent-config.ts';

/** The agent of the machine images that this server has. */
const AGENT_VERSION = '1.99.0';
const CPU_UNITS = 1024;

type Registration = Input<'ecs', 'RegisterContainerInstance'>;
type Attribute = NonNullable<Registration['attributes']>[number];
type Resource = NonNullable<Registration['totalResources']>[number];

export interface RegistrationFacts {
  readonly record: MetadataRecord;
  readonly config: AgentConfig;
  /** The EC2 instance's, where they are to be the container instance's too. */
  readonly instanceTags: Readonly<Record<string, string>>;
  /** As the metadata service tells it. */
  readonly identityDocument: string;
  readonly engineVersion: string;
  /** Of the registration before, if there was one. */
  readonly containerInstanceArn?: string;
}

/** What Amazon's agent says of its instance when it registers. */
export function registrationOf(facts: RegistrationFacts): Registration {
  const { record, config, identityDocument, engineVersion, containerInstanceArn } = facts;
  const tags = Object.entries({ ...withoutReserved(facts.instanceTags), ...config.tags });
  return {
    cluster: config.cluster,
    instanceIdentityDocument: identityDocument,
    totalResources: [
      amount('CPU', record.row.vcpus * CPU_UNITS),
      amount('MEMORY', Math.max(0, record.row.memoryMiB - config.reservedMemory)),
      ports('PORTS', config.reservedPorts),
      ports('PORTS_UDP', config.reservedUdpPorts),
    ],
    versionInfo: { agentVersion: AGENT_VERSION, dockerVersion: `DockerVersion: ${engineVersion}` },
    attributes: attributesOf(facts),
    ...(tags.length > 0 ? { tags: tags.map(([key, value]) => ({ key, value })) } : {}),
    ...(containerInstanceArn === undefined ? {} : { containerInstanceArn }),
  };
}

function attributesOf({ record, config, identityDocument }: RegistrationFacts): Attribute[] {
  const { architecture }: { architecture?: string } = JSON.parse(identityDocument);
  const names = [...AGENT_CAPABILITIES, ...(config.isPrivilegedDisabled ? [] : [PRIVILEGED])];
  const values = {
    'ecs.os-type': 'linux',
    'ecs.os-family': 'LINUX',
    'ecs.cpu-architecture': architecture ?? 'x86_64',
    'ecs.vpc-id': record.row.vpcId,
    'ecs.subnet-id': record.row.subnetId,
    ...config.attributes,
  };
  return [...names.map((name) => ({ name })), ...Object.entries(values).map(([name, value]) => ({ name, value }))];
}

/** Tags of AWS's own are not taken over. */
function withoutReserved(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !key.toLowerCase().startsWith('aws:')));
}

function amount(name: string, integerValue: number): Resource {
  return { name, type: 'INTEGER', integerValue };
}

function ports(name: string, values: readonly number[]): Resource {
  return { name, type: 'STRINGSET', stringSetValue: values.map(String) };
}
