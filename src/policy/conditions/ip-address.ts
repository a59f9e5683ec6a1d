/** An address as its bits: 32 in one number for IPv4, 128 in four for IPv6. */
type Words = readonly number[];

export interface AddressRange {
  readonly words: Words;
  /** Bits of the prefix that count. */
  readonly bits: number;
}

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** `203.0.113.0/24`, `2001:db8::/32`, or an address by itself; undefined for anything else. */
export function parseRange(text: string): AddressRange | undefined {
  const [address = '', prefix, ...more] = text.split('/');
  const words = parseAddress(address);
  if (!words || more.length > 0) return undefined;
  const most = words.length * 32;
  if (prefix === undefined) return { words, bits: most };
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  return bits <= most ? { words, bits } : undefined;
}

/** An IPv4 address in IPv6 form (`::ffff:203.0.113.7`) is that IPv4 address. */
export function isWithin(address: AddressRange, range: AddressRange): boolean {
  if (address.words.length !== range.words.length || address.bits < range.bits) return false;
  for (let index = 0, left = range.bits; left > 0; index++, left -= 32) {
    const mask = left >= 32 ? 0xffffffff : ~(0xffffffff >>> left);
    if ((((address.words[index] ?? 0) ^ (range.words[index] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}

function parseAddress(text: string): Words | undefined {
  const mapped = MAPPED.exec(text)?.[1];
  if (mapped !== undefined) return parseIpv4(mapped);
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Words | undefined {
  const bytes = IPV4.exec(text)?.slice(1).map(Number);
  if (!bytes || bytes.some((byte) => byte > 255)) return undefined;
  return [bytes.reduce((word, byte) => ((word << 8) | byte) >>> 0, 0)];
}

function parseIpv6(text: string): Words | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [before, after] = halves.map(groupsOf);
  if (!before || (halves.length === 2 && !after)) return undefined;
  const zeros = 8 - before.length - (after?.length ?? 0);
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return undefined;
  const groups = [...before, ...Array.from({ length: zeros }, () => 0), ...(after ?? [])];
  return [0, 2, 4, 6].map((at) => (((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0)) >>> 0);
}

/** Groups of 16 bits; the last two may be written as an IPv4 address. */
function groupsOf(text: string): number[] | undefined {
  if (text === '') return [];
  const fields = text.split(':');
  const groups: number[] = [];
  for (const [index, field] of fields.entries()) {
    const ipv4 = index === fields.length - 1 ? parseIpv4(field)?.[0] : undefined;
    if (ipv4 !== undefined) groups.push(ipv4 >>> 16, ipv4 & 0xffff);
    else if (/^[0-9a-f]{1,4}$/i.test(field)) groups.push(Number.parseInt(field, 16));
    else return undefined;
  }
  return groups;
}
