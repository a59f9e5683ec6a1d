import type { Attribute, RegisterContainerInstanceCommandInput, Resource } from '@aws-sdk/client-ecs';
import type { Scope } from '../../../kernel/arn.ts';
import type { AttributeRow, HostPortsRow } from '../container-instance-tables.ts';
import { clientError, invalidParameter, refuseUnsupported } from '../errors.ts';

/** What an agent says of its instance. */
export interface Registration {
  readonly ec2InstanceId: string;
  readonly cpu: number;
  readonly memory: number;
  readonly reservedPorts: HostPortsRow;
  readonly attributes: readonly AttributeRow[];
}

const NAME = /^[A-Za-z0-9_.\\/-]{1,128}$/;
const VALUE = /^(?!\s)[A-Za-z0-9_.@:/\\ -]{0,128}(?<!\s)$/;
/** What ECS itself says of an instance. */
const RESERVED = /^(ecs\.|com\.amazonaws\.|aws:)/i;

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterContainerInstance.html
 * @throws ClientException for a document that is none, or is of another account or region
 */
export function registrationOf(input: RegisterContainerInstanceCommandInput, scope: Scope): Registration {
  refuseUnsupported(input, ['platformDevices']);
  const resources = input.totalResources ?? [];
  return {
    ec2InstanceId: documentedInstance(input.instanceIdentityDocument, scope),
    cpu: amountOf(resources, 'CPU'),
    memory: amountOf(resources, 'MEMORY'),
    reservedPorts: { tcp: portsOf(resources, 'PORTS'), udp: portsOf(resources, 'PORTS_UDP') },
    attributes: (input.attributes ?? []).map((attribute) => attributeRow(attribute)),
  };
}

function documentedInstance(document: string | undefined, scope: Scope): string {
  if (!document) throw clientError('The instance identity document is missing.');
  const { instanceId, region, accountId } = parsed(document);
  if (typeof instanceId !== 'string' || !/^i-[0-9a-f]+$/.test(instanceId)) {
    throw clientError('The instance identity document is not valid.');
  }
  if (region !== scope.region || accountId !== scope.account) {
    throw clientError('The instance identity document is of another account or Region.');
  }
  return instanceId;
}

function parsed(document: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(document);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    throw clientError('The instance identity document is not valid.');
  }
}

function amountOf(resources: readonly Resource[], name: string): number {
  const value = resources.find((one) => one.name === name)?.integerValue;
  if (value === undefined || value < 0) throw invalidParameter(`totalResources must have ${name}.`);
  return value;
}

function portsOf(resources: readonly Resource[], name: string): number[] {
  return (resources.find((one) => one.name === name)?.stringSetValue ?? []).map(Number).filter(Number.isInteger);
}

/** @throws InvalidParameterException for what no attribute can be */
export function attributeRow({ name = '', value }: Attribute): AttributeRow {
  if (!NAME.test(name)) throw invalidParameter(`Attribute name ${name} is not valid.`);
  if (value !== undefined && !VALUE.test(value)) throw invalidParameter(`Attribute value ${value} is not valid.`);
  return { name, ...(value === undefined ? {} : { value }) };
}

/** @throws InvalidParameterException for a name that only ECS may set */
export function checkCustomName(name: string): void {
  if (RESERVED.test(name)) throw invalidParameter(`The attribute ${name} is reserved and cannot be changed.`);
}

/** Those of `changes` in place of those of the same names; sorted by name. */
export function withAttributes(before: readonly AttributeRow[], changes: readonly AttributeRow[]): AttributeRow[] {
  const all = new Map([...before, ...changes].map((attribute) => [attribute.name, attribute]));
  return [...all.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
