import type { InstanceNames } from './link-names.ts';

export interface HostRulesetOptions {
  readonly names: InstanceNames;
  readonly transitCidr: string;
  readonly publicCidr: string;
  readonly dnsPort: number;
  readonly metadataPort: number;
}

/** The ports where the metadata of instances is: filled as they come and go. */
export const INSTANCE_METADATA_SET = 'instance_metadata';

/**
 * The host's side of the transit links, as one nft transaction: from a VPC only the server's own ports of the host can
 * be reached; into a VPC only public addresses lead; what leaves to the internet carries the host's address.
 */
export function renderHostRuleset(options: HostRulesetOptions): string {
  const { names, transitCidr, publicCidr, dnsPort, metadataPort } = options;
  const ours = `"${names.linkPrefix}*"`;
  return `add table inet ${names.hostTable}
delete table inet ${names.hostTable}
add table ip ${names.hostTable}
delete table ip ${names.hostTable}

table inet ${names.hostTable} {
  set ${INSTANCE_METADATA_SET} {
    type inet_service
  }
  chain input {
    type filter hook input priority filter - 5; policy accept;
    iifname != ${ours} accept
    ct state established,related accept
    ip daddr ${transitCidr} udp dport ${dnsPort} accept
    ip daddr ${transitCidr} tcp dport { ${[...new Set([dnsPort, metadataPort])].join(', ')} } accept
    ip daddr ${transitCidr} tcp dport @${INSTANCE_METADATA_SET} accept
    drop
  }
  chain forward {
    type filter hook forward priority filter - 5; policy accept;
    ct state established,related accept
    iifname ${ours} meta nfproto != ipv4 drop
    iifname ${ours} ip daddr ${transitCidr} drop
    oifname ${ours} ip daddr != ${publicCidr} drop
    oifname ${ours} meta nfproto != ipv4 drop
  }
}

table ip ${names.hostTable} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr { ${transitCidr}, ${publicCidr} } oifname != ${ours} oifname != "lo" masquerade
  }
}
`;
}
