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
  /**
   * Which tasks answer at the VPC's Service Connect endpoints: all of them, in one commit. Connections under way stay with
   * their task, also where it is no target any more. Of a VPC that is not there yet it holds from its first `apply` on.
   */
  connect(vpcId: string, endpoints: readonly ConnectEndpoint[]): Promise<void>;
  /** Puts the interface (which `apply` has described) into the network namespace of a process. Idempotent. */
  plug(vpcId: string, interfaceId: string, pid: number): Promise<void>;
  /**
   * Whether it is there still: links are deleted by hand, and go with a VPC's namespace. What the process makes of its
   * addresses and routes is its own business. Cheap enough to be asked often.
   */
  isPlugged(vpcId: string, interfaceId: string, pid: number): Promise<boolean>;
  /** Removes the interface's veth. Gone already: no error. */
  unplug(vpcId: string, interfaceId: string): Promise<void>;
  /** Every VPC that exists on this host. */
  list(): Promise<readonly string[]>;
  /** The path of the VPC's network namespace, e.g. `/run/netns/longshore-...`. */
  namespacePath(vpcId: string): string;
}

/** An address and a TCP port that every task of the VPC can connect to, balanced over the targets in turn. */
export interface ConnectEndpoint {
  /** Of 169.254.176.0/20, which is part of no VPC. */
  readonly address: string;
  readonly port: number;
  /** None: connections are refused. */
  readonly targets: readonly { readonly privateIp: string; readonly port: number }[];
}

export interface VpcState {
  readonly vpcId: string;
  readonly cidrs: readonly string[];
  /** Which /30 of the transit range is this VPC's: unique on the host. */
  readonly transitIndex: number;
  /** Addresses the router itself answers on: the first of each subnet, and the resolver (VPC base + 2). */
  readonly gateways: readonly string[];
  /** Absent where the VPC has no DNS support: then nothing answers there, nor at 169.254.169.253. */
  readonly resolver?: string;
  readonly interfaces: readonly InterfaceState[];
  readonly securityGroups: readonly SecurityGroupState[];
  /** Those that let not everything pass. */
  readonly networkAcls: readonly NetworkAclState[];
}

export interface InterfaceState {
  readonly interfaceId: string;
  /**
   * - task: plugged into a process's namespace
   * - local: an address of the VPC's namespace itself, where load balancers listen
   * - nat: nobody's address; its public one is what a NAT gateway sends with
   */
  readonly kind: 'task' | 'local' | 'nat';
  readonly privateIp: string;
  readonly subnetCidr: string;
  readonly macAddress: string;
  readonly publicIp?: string;
  readonly securityGroupIds: readonly string[];
  /** Where on the host 169.254.169.254 answers this interface, and it alone. Absent: nowhere, as for tasks. */
  readonly metadataPort?: number;
  /** How far answers of 169.254.169.254 go, but for those to GET and HEAD: at 1 no further than the interface. */
  readonly metadataHopLimit?: number;
  /** Where packets for outside the VPC go, as the route table of its subnet says. What no route covers is lost. */
  readonly routes: readonly RouteState[];
}

/** The longest block that has the destination counts. */
export interface RouteState {
  readonly cidr: string;
  /**
   * - internet: out through the internet gateway, for those with a public address
   * - nowhere: what the route leads to is gone
   * - natAddress: out with this address, through a NAT gateway
   */
  readonly via: 'internet' | 'nowhere' | { readonly natAddress: string };
}

export interface SecurityGroupState {
  readonly groupId: string;
  readonly ingress: readonly SecurityRule[];
  readonly egress: readonly SecurityRule[];
}

export interface SecurityRule {
  /** `-1` is all protocols; those without a name go by number, e.g. `50`. */
  readonly protocol: string;
  /** Ports for tcp and udp; type and code for icmp (-1 is any). */
  readonly fromPort?: number;
  readonly toPort?: number;
  /** The other side: an IPv4 CIDR, or the members of a group. */
  readonly peer: { readonly cidr: string } | { readonly groupId: string };
}

/**
 * What may cross the border of some subnets, packet by packet, answers too; inside a subnet it binds nobody. Neither does
 * it bind what goes to the resolver and the metadata services, or between the router itself and anybody.
 */
export interface NetworkAclState {
  readonly subnetCidrs: readonly string[];
  /** In the order in which they are tried; what none of them matches is dropped. */
  readonly ingress: readonly NetworkAclEntryState[];
  readonly egress: readonly NetworkAclEntryState[];
}

/** Protocol and ports as a security rule's. */
export interface NetworkAclEntryState extends Omit<SecurityRule, 'peer'> {
  readonly allows: boolean;
  /** The other side. */
  readonly cidr: string;
}
