import { isIPv4, isIPv6 } from 'node:net';
import { parseAddress } from '../ipv4.ts';

/** Each at the place of its number. */
const KEYS: readonly string[] = 'mandatory alpn no-default-alpn port ipv4hint ech ipv6hint dohpath'.split(' ');
const MAX_PORT = 65_535;
const MAX_LABEL = 63;

/** `1 svc.example.com. alpn="h2,h3" port=8443`, an SVCB or HTTPS value, as the bytes of RFC 9460; undefined when malformed. */
export function parseServiceBinding(value: string): Buffer | undefined {
  const [, priority = '', target = '', rest = ''] = /^(\d{1,5})\s+(\S+)(.*)$/.exec(value) ?? [];
  const parameters = rest.match(/[^\s"=]+(?:=(?:"[^"]*"|[^\s"]*))?/g) ?? [];
  const name = nameBytes(target);
  if (priority === '' || Number(priority) > MAX_PORT || !name) return undefined;
  const encoded = parameters.map(parameterBytes);
  const known = encoded.filter((one) => one !== undefined);
  const keys = known.map((one) => one.key);
  if (known.length !== encoded.length || new Set(keys).size !== keys.length) return undefined;
  const sorted = known.toSorted((a, b) => a.key - b.key);
  return Buffer.concat([uint16(Number(priority)), name, ...sorted.map((one) => one.bytes)]);
}

function parameterBytes(parameter: string): { readonly key: number; readonly bytes: Buffer } | undefined {
  const [, name = '', quoted] = /^([^=]+)(?:=(.*))?$/.exec(parameter) ?? [];
  const key = keyOf(name);
  const value = key === undefined ? undefined : valueBytes(name, (quoted ?? '').replaceAll('"', ''));
  if (key === undefined || !value) return undefined;
  return { key, bytes: Buffer.concat([uint16(key), uint16(value.length), value]) };
}

function keyOf(name: string): number | undefined {
  const at = KEYS.indexOf(name.toLowerCase());
  if (at >= 0) return at;
  const number = Number(/^key(\d{1,5})$/i.exec(name)?.[1] ?? Number.NaN);
  return number <= MAX_PORT ? number : undefined;
}

function valueBytes(name: string, value: string): Buffer | undefined {
  const list = value.split(',');
  switch (name.toLowerCase()) {
    case 'alpn':
      return Buffer.concat(list.map((one) => Buffer.concat([Buffer.from([one.length]), Buffer.from(one)])));
    case 'no-default-alpn':
      return value === '' ? Buffer.alloc(0) : undefined;
    case 'port':
      return /^\d{1,5}$/.test(value) && Number(value) <= MAX_PORT ? uint16(Number(value)) : undefined;
    case 'ipv4hint':
      return list.every((one) => isIPv4(one)) ? Buffer.concat(list.map(ipv4Bytes)) : undefined;
    case 'ipv6hint':
      return list.every((one) => isIPv6(one)) ? Buffer.concat(list.map(ipv6Bytes)) : undefined;
    case 'ech':
      return Buffer.from(value, 'base64');
    case 'mandatory': {
      const keys = list.map(keyOf).filter((key) => key !== undefined);
      return keys.length === list.length ? Buffer.concat(keys.toSorted((a, b) => a - b).map(uint16)) : undefined;
    }
    default:
      return Buffer.from(value);
  }
}

function nameBytes(name: string): Buffer | undefined {
  const labels = name
    .replace(/\.$/, '')
    .toLowerCase()
    .split('.')
    .filter((label) => label !== '');
  if (labels.some((label) => label.length > MAX_LABEL)) return undefined;
  const parts = labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...parts, Buffer.alloc(1)]);
}

function uint16(number: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(number);
  return bytes;
}

function ipv4Bytes(text: string): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((parseAddress(text) ?? 0) >>> 0);
  return bytes;
}

/** Eight groups; an IPv4 tail stands for the last two. */
function ipv6Bytes(text: string): Buffer {
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const groupsOf = (part: string) => part.split(':').filter((group) => group !== '');
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - before.length - after.length }, () => '0');
  return Buffer.concat([...before, ...zeros, ...after].map((group) => uint16(Number.parseInt(group, 16))));
}
