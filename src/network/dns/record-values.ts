import { isIPv6 } from 'node:net';
import type { Answer } from 'dns-packet';
import { RuntimeError } from '../../kernel/errors.ts';
import { parseAddress } from '../ipv4.ts';
import type { NameRecord } from './names.ts';
import { parseServiceBinding } from './service-binding.ts';

/** One value as dns-packet wants it, without the name it belongs to. */
export type RecordValue = Readonly<Record<string, unknown>> | string | readonly Buffer[] | Buffer;

/** Why a value is not right is said by the caller, who knows the record. */
type Parse = (value: string) => RecordValue | undefined;

/** The zone-file forms, as Route 53 documents them under "Supported DNS record types". */
const PARSERS: Readonly<Record<NameRecord['type'], Parse>> = {
  A: (value) => (parseAddress(value) === undefined ? undefined : value),
  AAAA: (value) => (isIPv6(value) ? value : undefined),
  CNAME: parseName,
  NS: parseName,
  PTR: parseName,
  MX: parseMx,
  SRV: parseSrv,
  CAA: parseCaa,
  SOA: parseSoa,
  TXT: parseTxt,
  SPF: parseSpf,
  DS: parseDs,
  NAPTR: parseNaptr,
  SSHFP: parseSshfp,
  TLSA: parseTlsa,
  HTTPS: parseServiceBinding,
  SVCB: parseServiceBinding,
};

/** Types that dns-packet knows by number only; it takes their values as the bytes that go on the wire. */
const NUMBERED: Readonly<Partial<Record<NameRecord['type'], string>>> = { HTTPS: 'UNKNOWN_65', SVCB: 'UNKNOWN_64' };

/** The type as dns-packet writes it. */
export function wireType(type: NameRecord['type']): string {
  return NUMBERED[type] ?? type;
}

/** @throws RuntimeError rejected, naming the record, when a value is not in its type's form */
export function parseValues(record: NameRecord): RecordValue[] {
  return record.values.map((value) => {
    const parsed = PARSERS[record.type](value.trim());
    if (parsed === undefined) {
      throw new RuntimeError('rejected', `'${value}' is not a value for ${record.name} ${record.type}`);
    }
    return parsed;
  });
}

/** The members of a parsed SOA value that negative answers need. */
export function minimumOf(value: RecordValue | undefined): number {
  const minimum = typeof value === 'object' && 'minimum' in value ? value.minimum : undefined;
  return typeof minimum === 'number' ? minimum : 0;
}

/** dns-packet types an answer by its type; the parsers above are what makes value and type agree. */
export function toAnswer(name: string, type: NameRecord['type'], ttl: number, value: RecordValue): Answer {
  return { name, type: wireType(type), ttl, class: 'IN', data: value } as unknown as Answer;
}

function parseName(value: string): string | undefined {
  return /^\S+$/.test(value) ? value.toLowerCase().replace(/\.$/, '') : undefined;
}

function parseMx(value: string): RecordValue | undefined {
  const [, preference, exchange = ''] = /^(\d+)\s+(\S+)$/.exec(value) ?? [];
  return preference === undefined ? undefined : { preference: Number(preference), exchange: parseName(exchange) };
}

function parseSrv(value: string): RecordValue | undefined {
  const [, priority, weight, port, target = ''] = /^(\d+)\s+(\d+)\s+(\d+)\s+(\S+)$/.exec(value) ?? [];
  if (priority === undefined) return undefined;
  return { priority: Number(priority), weight: Number(weight), port: Number(port), target: parseName(target) };
}

function parseCaa(value: string): RecordValue | undefined {
  const [, flags, tag, rest = ''] = /^(\d+)\s+([a-z0-9]+)\s+(.+)$/i.exec(value) ?? [];
  if (flags === undefined) return undefined;
  return { flags: Number(flags), tag, value: parseStrings(rest)?.join('') ?? '' };
}

function parseSoa(value: string): RecordValue | undefined {
  const [mname = '', rname = '', ...numbers] = value.split(/\s+/);
  const [serial, refresh, retry, expire, minimum] = numbers.map(Number);
  if (numbers.length !== 5 || numbers.some((number) => !/^\d+$/.test(number))) return undefined;
  return { mname: parseName(mname), rname: parseName(rname), serial, refresh, retry, expire, minimum };
}

function parseTxt(value: string): RecordValue | undefined {
  return parseStrings(value)?.map((text) => Buffer.from(text, 'latin1'));
}

/** SPF's form is TXT's; dns-packet wants its bytes. */
function parseSpf(value: string): RecordValue | undefined {
  const strings = parseStrings(value)?.map((text) => Buffer.from(text, 'latin1'));
  return strings && Buffer.concat(strings.flatMap((text) => [Buffer.from([text.length]), text]));
}

function parseDs(value: string): RecordValue | undefined {
  const fields = numbersAndHex(value);
  return fields && { keyTag: fields.one, algorithm: fields.two, digestType: fields.three, digest: fields.bytes };
}

function parseTlsa(value: string): RecordValue | undefined {
  const fields = numbersAndHex(value);
  return fields && { usage: fields.one, selector: fields.two, matchingType: fields.three, certificate: fields.bytes };
}

/** `1 2 3 0a0b...`: what DS and TLSA have in common. The hexadecimal digits may have blanks among them. */
function numbersAndHex(value: string) {
  const [, one, two, three, hex = ''] = /^(\d+)\s+(\d+)\s+(\d+)\s+([0-9a-f\s]+)$/i.exec(value) ?? [];
  if (one === undefined) return undefined;
  const bytes = Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
  return { one: Number(one), two: Number(two), three: Number(three), bytes };
}

function parseSshfp(value: string): RecordValue | undefined {
  const [, algorithm, hash, fingerprint = ''] = /^(\d+)\s+([12])\s+([0-9a-f]+)$/i.exec(value) ?? [];
  if (algorithm === undefined || fingerprint.length !== (hash === '1' ? 40 : 64)) return undefined;
  return { algorithm: Number(algorithm), hash: Number(hash), fingerprint };
}

function parseNaptr(value: string): RecordValue | undefined {
  const form = /^(\d+)\s+(\d+)\s+("[^"]*")\s+("[^"]*")\s+("(?:[^"\\]|\\.)*")\s+(\S+)$/;
  const [, order, preference, flags = '', services = '', regexp = '', replacement = ''] = form.exec(value) ?? [];
  if (order === undefined) return undefined;
  const text = (quoted: string) => parseStrings(quoted)?.join('') ?? '';
  return {
    order: Number(order),
    preference: Number(preference),
    flags: text(flags),
    services: text(services),
    regexp: text(regexp),
    replacement: parseName(replacement),
  };
}

/** Strings in quotes or single words, with `\"`, `\\` and three-digit octal escapes. */
function parseStrings(value: string): string[] | undefined {
  const token = /\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))\s*/y;
  const strings: string[] = [];
  while (token.lastIndex < value.length) {
    const [, quoted, word] = token.exec(value) ?? [];
    const text = quoted ?? word;
    if (text === undefined) return undefined;
    strings.push(unescape(text));
  }
  return strings.length > 0 ? strings : undefined;
}

function unescape(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replaceAll(/\\([0-7]{3}|.)/g, (_all, code: string) =>
      code.length === 3 ? String.fromCodePoint(Number.parseInt(code, 8) & 255) : code,
    );
}
