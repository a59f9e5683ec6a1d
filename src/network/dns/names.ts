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

export interface NameZone {
  readonly zoneId: string;
  /** Lower case, no final dot; the server is authoritative for all below it, so a name it lacks is NXDOMAIN. */
  readonly origin: string;
  /** The VPCs that see it; `public` is everyone. */
  readonly visibility: 'public' | { readonly vpcIds: readonly string[] };
  readonly records: readonly NameRecord[];
}

export interface NameRecord {
  /** Full name, lower case, no final dot; a leading `*.` label is a wildcard. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CAA' | 'CNAME' | 'MX' | 'NS' | 'PTR' | 'SOA' | 'SRV' | 'TXT';
  readonly ttlSeconds: number;
  /** In zone-file form, as Route 53 keeps them: `10 mail.example.com`, `"text"`. */
  readonly values: readonly string[];
  /** Instead of values: answer what this name answers for the same type. */
  readonly aliasOf?: string;
}
