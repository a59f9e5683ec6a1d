import { isIPv6 } from 'node:net';
import type { Answer } from 'dns-packet';
import { RuntimeError } from '../../kernel/errors.ts';
import { parseAddress } from '../ipv4.ts';
import type { NameRecord } from './names.ts';

/** One value as dns-packet wants it, without the name it belongs to. */
export type RecordValue = Readonly<Record<string, unknown>> | string | readonly Buffer[];

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
};

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
  return { name, type, ttl, class: 'IN', data: value } as unknown as Answer;
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
