/** The domain of private names in a region: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html */
export function internalDomain(region: string): string {
  return region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
}

/** e.g. `ip-172-31-0-11.ec2.internal` */
export function privateDnsName(region: string, privateIp: string): string {
  return `ip-${privateIp.replaceAll('.', '-')}.${internalDomain(region)}`;
}

/** The domain of public names in a region. */
export function publicDomain(region: string): string {
  return region === 'us-east-1' ? 'compute-1.amazonaws.com' : `${region}.compute.amazonaws.com`;
}

/** e.g. `ec2-198-18-0-1.compute-1.amazonaws.com` */
export function publicDnsName(region: string, publicIp: string): string {
  return `ec2-${publicIp.replaceAll('.', '-')}.${publicDomain(region)}`;
}
