/** An IPv4 block; addresses are unsigned 32-bit numbers. */
export interface Ipv4Block {
  readonly first: number;
  readonly size: number;
  readonly prefixLength: number;
}

const ADDRESS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Answers undefined for anything that is not a dotted IPv4 address. */
export function parseAddress(text: string): number | undefined {
  const octets = ADDRESS.exec(text)?.slice(1).map(Number);
  if (!octets || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** Parses `10.0.0.0/16`; answers undefined for anything else, also when bits right of the prefix are set. */
export function parseBlock(text: string): Ipv4Block | undefined {
  const [addressText = '', prefixText = '', ...rest] = text.split('/');
  const first = parseAddress(addressText);
  const prefixLength = /^\d{1,2}$/.test(prefixText) ? Number(prefixText) : 33;
  if (first === undefined || prefixLength > 32 || rest.length > 0) return undefined;
  const size = 2 ** (32 - prefixLength);
  return first % size === 0 ? { first, size, prefixLength } : undefined;
}

export function blockHolds(block: Ipv4Block, address: number): boolean {
  return address >= block.first && address < block.first + block.size;
}
