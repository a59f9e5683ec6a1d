/** IPv4 addresses and CIDR blocks as plain numbers. Addresses are 0 to 2^32 - 1. */
export interface Cidr {
  /** The block's first address: host bits are cleared. */
  readonly base: number;
  /** 0 to 32. */
  readonly prefix: number;
}

const OCTET = /^(0|[1-9]\d{0,2})$/;

/** Answers undefined for anything but four decimal octets. */
export function parseAddress(text: string): number | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  let address = 0;
  for (const octet of octets) {
    if (!OCTET.test(octet) || Number(octet) > 255) return undefined;
    address = address * 256 + Number(octet);
  }
  return address;
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

/** Clears host bits, as AWS does: `10.1.2.3/16` is `10.1.0.0/16`. Answers undefined for anything malformed. */
export function parseCidr(text: string): Cidr | undefined {
  const [addressText, prefixText, ...rest] = text.split('/');
  if (addressText === undefined || prefixText === undefined || rest.length > 0 || !/^\d{1,2}$/.test(prefixText)) {
    return undefined;
  }
  const address = parseAddress(addressText);
  const prefix = Number(prefixText);
  if (address === undefined || prefix > 32) return undefined;
  return { base: address - (address % sizeOf({ base: 0, prefix })), prefix };
}

/** Like `parseCidr`, for text that this server wrote itself. */
export function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`'${text}' is not a CIDR block.`);
  return cidr;
}

export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.base)}/${cidr.prefix}`;
}

/** How many addresses the block holds. */
export function sizeOf(cidr: Cidr): number {
  return 2 ** (32 - cidr.prefix);
}

export function containsAddress(cidr: Cidr, address: number): boolean {
  return address >= cidr.base && address < cidr.base + sizeOf(cidr);
}

export function overlap(a: Cidr, b: Cidr): boolean {
  return containsAddress(a, b.base) || containsAddress(b, a.base);
}

export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return containsAddress(outer, inner.base) && inner.prefix >= outer.prefix;
}
