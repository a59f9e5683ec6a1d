/**
 * What the DNS server answers from: zones of plain records, published by whoever owns the names (hosted zones by
 * Route 53, `ip-10-0-0-1.ec2.internal` by EC2, load balancers' names by ELB). Kept in memory; reconcilers publish all of
 * it again at each start.
 */
export interface Names {
  /** Replaces the zone with this id. */
  publish(zone: NameZone): void;
  withdraw(zoneId: string): void;
}

/** What published zones answer, for those who ask without a socket. */
export interface NameAnswers {
  /** As a client of the VPC, or without one as everybody else, would hear it. Undefined for names that are nobody's here. */
  lookUp(question: NameLookup, vpcId?: string): NameAnswer | undefined;
  /** From one zone alone, whoever sees it. Undefined for a zone that is not published. */
  lookUpIn(zoneId: string, question: NameLookup): NameAnswer | undefined;
}

export interface NameLookup {
  readonly name: string;
  readonly type: NameRecord['type'];
  /** The address of a client to answer for. Left out: one where the server is. */
  readonly client?: string;
}

export interface NameAnswer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL';
  /** Of the asked type, or a CNAME, in zone-file form. */
  readonly values: readonly string[];
}

export interface NameZone {
  readonly zoneId: string;
  /** Lower case, no final dot; the server is authoritative for all below it, so a name it lacks is NXDOMAIN. */
  readonly origin: string;
  /** The VPCs that see it; `public` is everyone. */
  readonly visibility: 'public' | { readonly vpcIds: readonly string[] };
  readonly records: readonly NameRecord[];
  /** The Region of the VPCs that see it: where their tasks are, for routing by place. */
  readonly vpcRegion?: string;
}

export interface NameRecord {
  /** Full name, lower case, no final dot; a leading `*.` label is a wildcard. */
  readonly name: string;
  readonly type:
    | ('A' | 'AAAA' | 'CAA' | 'CNAME' | 'DS' | 'HTTPS' | 'MX' | 'NAPTR' | 'NS' | 'PTR' | 'SOA' | 'SPF' | 'SRV')
    | ('SSHFP' | 'SVCB' | 'TLSA' | 'TXT');
  readonly ttlSeconds: number;
  /** In zone-file form, as Route 53 keeps them: `10 mail.example.com`, `"text"`. */
  readonly values: readonly string[];
  /** Instead of values: answer what this name answers for the same type. */
  readonly aliasOf?: string;
  /** How the records of one name and type share its answers; all of them have the same policy. */
  readonly routing?: NameRouting;
  /** False: answers only while no other of its name and type is healthy. */
  readonly healthy?: boolean;
  /** An alias that is as healthy as what it leads to. */
  readonly followsHealth?: true;
}

export type NameRouting =
  /** Answers in proportion to the weights; weight 0 only while all others are unhealthy. */
  | { readonly policy: 'weighted'; readonly weight: number }
  | { readonly policy: 'failover'; readonly role: 'PRIMARY' | 'SECONDARY' }
  /** Up to eight of the healthy ones, each time others. */
  | { readonly policy: 'multivalue' }
  /** The nearest to the client. */
  | { readonly policy: 'latency'; readonly at: Coordinates }
  /** As that, as if its distance were shorter (bias above 0) or longer (below); -99 to 99. */
  | { readonly policy: 'geoproximity'; readonly at: Coordinates; readonly bias: number }
  /** The smallest place around the client; `anywhere` is around all of them. Nothing else, nothing at all. */
  | { readonly policy: 'geolocation'; readonly location: GeographicLocation };

/** Codes as Route 53 takes them: `EU`, `DE`, `US` with `CA`. */
export type GeographicLocation =
  | 'anywhere'
  | { readonly continent: string }
  | { readonly country: string; readonly subdivision?: string };

/** In degrees, north and east. */
export interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

export interface Place {
  readonly coordinates: Coordinates;
  readonly continent: string;
  readonly country: string;
  readonly subdivision?: string;
}

/** Where clients are. */
export interface Places {
  /**
   * @param address what is known of the client's: of the client subnet that its question names, else of its packets
   * @param region of the VPC that it is in
   */
  of(address: string | undefined, region: string | undefined): Place;
}
