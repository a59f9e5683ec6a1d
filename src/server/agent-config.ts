import { AGENT_PORTS } from '../services/ecs/index.ts';

/** The container agent's configuration, as far as it means something here: `/etc/ecs/ecs.config` of an instance. */
export interface AgentConfig {
  readonly cluster: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The EC2 instance's tags become the container instance's too. */
  readonly propagatesTags: boolean;
  /** In MiB. */
  readonly reservedMemory: number;
  readonly reservedPorts: readonly number[];
  readonly reservedUdpPorts: readonly number[];
  readonly isPrivilegedDisabled: boolean;
  /** At the notice of a Spot interruption it sets itself DRAINING. */
  readonly drainsOnSpotNotice: boolean;
  /** What could not be read: the agent says so and goes on. */
  readonly warnings: readonly string[];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html */
export function readAgentConfig(text: string): AgentConfig {
  const values = valuesOf(text);
  const warnings: string[] = [];
  const json = <T>(name: string, isFine: (value: unknown) => value is T, otherwise: T): T => {
    const given = values.get(name);
    if (!given) return otherwise;
    const value = parsed(given);
    if (isFine(value)) return value;
    warnings.push(`Invalid format for "${name}" environment variable`);
    return otherwise;
  };
  const isTrue = (name: string) => /^(1|t|true)$/i.test(values.get(name) ?? '');
  const from = values.get('ECS_CONTAINER_INSTANCE_PROPAGATE_TAGS_FROM');
  return {
    cluster: values.get('ECS_CLUSTER') || 'default',
    attributes: json('ECS_INSTANCE_ATTRIBUTES', isTextRecord, {}),
    tags: json('ECS_CONTAINER_INSTANCE_TAGS', isTextRecord, {}),
    propagatesTags: from?.toLowerCase() === 'ec2_instance',
    reservedMemory: wholeNumber(values.get('ECS_RESERVED_MEMORY')),
    reservedPorts: json('ECS_RESERVED_PORTS', isPorts, [...AGENT_PORTS]),
    reservedUdpPorts: json('ECS_RESERVED_PORTS_UDP', isPorts, []),
    drainsOnSpotNotice: isTrue('ECS_ENABLE_SPOT_INSTANCE_DRAINING'),
    isPrivilegedDisabled: isTrue('ECS_DISABLE_PRIVILEGED'),
    warnings,
  };
}

/** Lines `NAME=VALUE`; the last of a name stands. */
function valuesOf(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^(?:export\s+)?([A-Z0-9_]+)=(.*)$/.exec(line.trim()) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, unquoted(value));
  }
  return values;
}

function unquoted(value: string): string {
  const quote = value[0];
  const isQuoted = value.length > 1 && (quote === "'" || quote === '"') && value.endsWith(quote);
  return isQuoted ? value.slice(1, -1) : value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTextRecord(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) => typeof each === 'string');
}

function isPorts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((port) => Number.isInteger(port) && port > 0 && port < 65_536);
}

function wholeNumber(text: string | undefined): number {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
}
