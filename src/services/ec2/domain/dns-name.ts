/** The domain of private names in a region: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html */
export function internalDomain(region: string): string {
  return region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
}

/** e.g. `ip-172-31-0-11.ec2.internal` */
export function privateDnsName(region: string, privateIp: string): string {
  return `ip-${privateIp.replaceAll('.', '-')}.${internalDomain(region)}`;
}
