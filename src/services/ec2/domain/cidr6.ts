import { isIPv6 } from 'node:net';

const GROUPS = 8;
const BITS = 128;

/**
 * An IPv6 block as AWS shows it, in its shortest form and with host bits cleared: `2001:DB8:0::1/32` is `2001:db8::/32`.
 * Undefined for anything malformed.
 */
export function formatCidr6(text: string): string | undefined {
  const [address = '', prefixText = '', ...rest] = text.split('/');
  if (rest.length > 0 || !isIPv6(address) || address.includes('%') || !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = Number(prefixText);
  if (prefix > BITS) return undefined;
  const groups = groupsOf(shortest(address)).map((group, index) => {
    const kept = Math.min(16, Math.max(0, prefix - index * 16));
    return group & ~(0xff_ff >> kept) & 0xff_ff;
  });
  return `${shortest(groups.map((group) => group.toString(16)).join(':'))}/${prefix}`;
}

/** RFC 5952. */
function shortest(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const numbers = (part: string) => part.split(':').flatMap((group) => (group === '' ? [] : [parseInt(group, 16)]));
  if (tail === undefined) return numbers(head);
  const [first, last] = [numbers(head), numbers(tail)];
  return [...first, ...Array<number>(GROUPS - first.length - last.length).fill(0), ...last];
}
