import { isIPv4, isIPv6 } from 'node:net';
import type { RecordType } from '../tables.ts';
import { serviceBinding } from './service-binding.ts';
import { canonicalName, isValidName } from './dns-name.ts';

const MAX_STRING = 255;
const CHARACTER_STRINGS = /^"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*$/;

/**
 * What is wrong with one value of a record, in Route 53's words; undefined when nothing is.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
 */
export function valueProblem(type: RecordType, value: string): string | undefined {
  const problem = CHECKS[type](value);
  return problem && `Invalid Resource Record: 'FATAL problem: ${problem} encountered with '${value}''`;
}

type Check = (value: string) => string | undefined;

const CHECKS: Readonly<Record<RecordType, Check>> = {
  A: (value) => (isIPv4(value) ? undefined : 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'),
  AAAA: (value) => (isIPv6(value) ? undefined : 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)'),
  CNAME: domainName,
  NS: domainName,
  PTR: domainName,
  TXT: characterStrings,
  SPF: characterStrings,
  CAA: fields('CAARRDATANotThreeFields (Value is not "flags tag value")', [
    upTo(255),
    (field) => /^[a-zA-Z0-9]+$/.test(field),
    (field) => /^".*"$/.test(field),
  ]),
  MX: fields('MXRRDATANotTwoFields (MX record must have 2 fields)', [upTo(65_535), isDomain]),
  SRV: fields('SRVRRDATANotFourFields (SRV record must have 4 fields)', [
    upTo(65_535),
    upTo(65_535),
    upTo(65_535),
    isDomain,
  ]),
  SOA: fields('SOARRDATANotSevenFields (SOA record must have 7 fields)', [
    isDomain,
    isDomain,
    ...Array.from({ length: 5 }, () => upTo(2 ** 32 - 1)),
  ]),
  DS: fields('DSRRDATANotFourFields (Value is not "key-tag algorithm digest-type digest")', [
    upTo(65_535),
    upTo(255),
    upTo(255),
    isHex,
  ]),
  TLSA: fields('TLSARRDATANotFourFields (Value is not "usage selector matching-type certificate-data")', [
    upTo(3),
    upTo(1),
    upTo(2),
    isHex,
  ]),
  SSHFP: (value) =>
    /^\d{1,3}\s+(1\s+[0-9a-f]{40}|2\s+[0-9a-f]{64})$/i.test(value)
      ? undefined
      : 'SSHFPRRDATANotThreeFields (Value is not "algorithm hash-type fingerprint")',
  NAPTR: fields('NAPTRRRDATANotSixFields (NAPTR record must have 6 fields)', [
    upTo(65_535),
    upTo(65_535),
    (field) => /^"[a-zA-Z0-9]*"$/.test(field),
    (field) => /^"[^"]*"$/.test(field),
    (field) => /^"[^"]*"$/.test(field),
    isDomain,
  ]),
  HTTPS: serviceBinding,
  SVCB: serviceBinding,
};

export function isRecordType(type: string): type is RecordType {
  return Object.hasOwn(CHECKS, type);
}

function isHex(field: string): boolean {
  return /^([0-9a-f]{2})+$/i.test(field);
}

function domainName(value: string): string | undefined {
  if (/\s/.test(value)) return 'NotSingleField (Value contains spaces)';
  return isDomain(value) ? undefined : 'DomainNameIllegal (Value is not a valid domain name)';
}

function characterStrings(value: string): string | undefined {
  if (!CHARACTER_STRINGS.test(value)) {
    return 'InvalidCharacterString (Value should be enclosed in quotation marks)';
  }
  const strings = value.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  const tooLong = strings.some((each) => each.slice(1, -1).replaceAll(/\\([0-7]{3}|.)/g, '.').length > MAX_STRING);
  return tooLong ? 'CharacterStringTooLong (Value is too long)' : undefined;
}

function fields(problem: string, checks: readonly ((field: string) => boolean)[]): Check {
  return (value) => {
    const parts = value.match(/"[^"]*"|\S+/g) ?? [];
    const fits = parts.length === checks.length && parts.every((part, at) => checks[at]?.(part));
    return fits ? undefined : problem;
  };
}

function upTo(max: number): (field: string) => boolean {
  return (field) => /^\d{1,10}$/.test(field) && Number(field) <= max;
}

function isDomain(value: string): boolean {
  return value === '.' || isValidName(canonicalName(value));
}
