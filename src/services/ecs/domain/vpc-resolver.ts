/** The second address of a VPC's range: https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html */
export function resolverOf(vpcCidr: string): string {
  const base = vpcCidr.split('/')[0] ?? '';
  return base.replace(/\d+$/, (last) => String(Number(last) + 2));
}
