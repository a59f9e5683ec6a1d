import { RuntimeError } from '../../kernel/errors.ts';

export const NAMESPACE_FOLDER = '/run/netns';
/** The router's end of the link to the host. */
export const TRANSIT = 'transit';
/** Every link to a task in a VPC's namespace starts with it, and no other link there does. */
export const TASK_LINK_PREFIX = 'e';

const MAX_LINK_NAME = 15;

/**
 * Names say who owns a thing, so that a restarted server finds its own and leaves others' alone:
 *   ls-INSTANCE-SUFFIX    namespace of vpc-SUFFIX
 *   lsINSTANCE-INDEX      host's end of the transit link, INDEX in base 36
 *   longshore_INSTANCE    nftables tables on the host; `longshore-INSTANCE` the comment of iptables rules
 */
export class InstanceNames {
  readonly instanceId: string;
  readonly namespacePrefix: string;
  readonly linkPrefix: string;
  readonly hostTable: string;
  readonly comment: string;

  constructor(instanceId: string) {
    if (!/^[0-9a-f]{8}$/.test(instanceId)) {
      throw new RuntimeError('rejected', `instance id '${instanceId}' is not 8 hexadecimal digits`);
    }
    this.instanceId = instanceId;
    this.namespacePrefix = `ls-${instanceId}-`;
    this.linkPrefix = `ls${instanceId}-`;
    this.hostTable = `longshore_${instanceId}`;
    this.comment = `longshore-${instanceId}`;
  }

  namespace(vpcId: string): string {
    if (!/^vpc-[0-9a-z]+$/.test(vpcId)) throw new RuntimeError('rejected', `'${vpcId}' is not the id of a VPC`);
    return `${this.namespacePrefix}${vpcId.slice('vpc-'.length)}`;
  }

  namespacePath(vpcId: string): string {
    return `${NAMESPACE_FOLDER}/${this.namespace(vpcId)}`;
  }

  /** The VPC of a namespace; undefined when the namespace is not ours. */
  vpcOf(namespace: string): string | undefined {
    return namespace.startsWith(this.namespacePrefix)
      ? `vpc-${namespace.slice(this.namespacePrefix.length)}`
      : undefined;
  }

  transitLink(index: number): string {
    return `${this.linkPrefix}${index.toString(36).padStart(MAX_LINK_NAME - this.linkPrefix.length, '0')}`;
  }

  /** Marks the host's routes that belong to no link of ours as this instance's. */
  get routeMetric(): number {
    return Math.max(1, Number.parseInt(this.instanceId, 16));
  }
}

/** The router's end of a task's link: `e` and the last 14 of the 17 digits of the interface's id. */
export function taskLink(interfaceId: string): string {
  return `${TASK_LINK_PREFIX}${interfaceId.replace(/^eni-/, '').slice(1 - MAX_LINK_NAME)}`;
}
