/**
 * The VPC data plane of one host. It eats plain values: the whole state of a VPC at once, and makes the kernel match.
 * Implementations: linux/ (namespaces, veths, nftables) and fake/; one suite for both.
 *
 *   host ── transit veth (198.19.x.y/30) ── VPC namespace (router, nftables) ── veth ── task's own namespace
 *
 * A VPC's namespace routes: each task has a veth of its own with a /32 route and proxy ARP, so every packet between two
 * interfaces passes the one ruleset of the namespace, where security groups are. A task cannot reach that ruleset.
 */
export interface Network {
  /** Makes the VPC as described: creates, changes, removes. Idempotent; the ruleset is replaced in one commit. */
  apply(vpc: VpcState): Promise<void>;
  /** Removes the VPC's namespace and all that is in it. Gone already: no error. */
  remove(vpcId: string): Promise<void>;
  /** Puts the interface (which `apply` has described) into the network namespace of a process. Idempotent. */
  plug(vpcId: string, interfaceId: string, pid: number): Promise<void>;
  /** Removes the interface's veth. Gone already: no error. */
  unplug(vpcId: string, interfaceId: string): Promise<void>;
  /** Every VPC that exists on this host. */
  list(): Promise<readonly string[]>;
  /** The path of the VPC's network namespace, e.g. `/run/netns/longshore-...`. */
  namespacePath(vpcId: string): string;
}

export interface VpcState {
  readonly vpcId: string;
  readonly cidrs: readonly string[];
  /** Which /30 of the transit range is this VPC's: unique on the host. */
  readonly transitIndex: number;
  /** Addresses the router itself answers on: the first of each subnet, and the resolver (VPC base + 2). */
  readonly gateways: readonly string[];
  readonly resolver: string;
  readonly interfaces: readonly InterfaceState[];
  readonly securityGroups: readonly SecurityGroupState[];
}

export interface InterfaceState {
  readonly interfaceId: string;
  /**
   * - task: plugged into a process's namespace
   * - local: an address of the VPC's namespace itself, where load balancers listen
   */
  readonly kind: 'task' | 'local';
  readonly privateIp: string;
  readonly subnetCidr: string;
  readonly macAddress: string;
  readonly publicIp?: string;
  readonly securityGroupIds: readonly string[];
}

export interface SecurityGroupState {
  readonly groupId: string;
  readonly ingress: readonly SecurityRule[];
  readonly egress: readonly SecurityRule[];
}

export interface SecurityRule {
  /** `-1` is all protocols. */
  readonly protocol: 'tcp' | 'udp' | 'icmp' | '-1';
  /** Ports for tcp and udp; type and code for icmp (-1 is any). */
  readonly fromPort?: number;
  readonly toPort?: number;
  /** The other side: an IPv4 CIDR, or the members of a group. */
  readonly peer: { readonly cidr: string } | { readonly groupId: string };
}
