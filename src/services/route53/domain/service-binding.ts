import { isIPv4, isIPv6 } from 'node:net';
import { canonicalName, isValidName } from './dns-name.ts';

const MAX_PRIORITY = 65_535;

/** The parameters of RFC 9460, by what their value must be. */
const PARAMETERS: Readonly<Record<string, (value: string) => boolean>> = {
  mandatory: (value) => value.length > 0,
  alpn: (value) => value.length > 0,
  'no-default-alpn': (value) => value === '',
  port: (value) => /^\d{1,5}$/.test(value) && Number(value) <= MAX_PRIORITY,
  ipv4hint: (value) => value.split(',').every((one) => isIPv4(one)),
  ipv6hint: (value) => value.split(',').every((one) => isIPv6(one)),
  ech: (value) => /^[a-zA-Z0-9+/]+=*$/.test(value),
  dohpath: (value) => value.startsWith('/'),
};

/** What is wrong with a value of HTTPS or SVCB: `priority target [parameters]`. */
export function serviceBinding(value: string): string | undefined {
  const [, priority = '', target = '', rest = ''] = /^(\d{1,5})\s+(\S+)((?:\s+\S+)*)\s*$/.exec(value) ?? [];
  if (priority === '' || Number(priority) > MAX_PRIORITY || !(target === '.' || isValidName(canonicalName(target)))) {
    return 'SVCBRRDATAIllegal (Value is not "priority target parameters")';
  }
  const parameters = rest.trim() === '' ? [] : rest.trim().split(/\s+/);
  if (priority === '0' && parameters.length > 0) return 'SVCBRRDATAIllegal (AliasMode has no parameters)';
  const names = parameters.map((parameter) => parameter.split('=')[0] ?? '');
  const fits = parameters.every((parameter, at) => isParameter(names[at] ?? '', parameter));
  return fits && new Set(names).size === names.length
    ? undefined
    : 'SVCBRRDATAIllegalParameter (Value has a parameter that is not valid)';
}

function isParameter(name: string, parameter: string): boolean {
  const [, quoted, plain] = /^[^=]+(?:=(?:"([^"]*)"|([^"]*)))?$/.exec(parameter) ?? [undefined, undefined, undefined];
  const value = quoted ?? plain ?? '';
  if (/^key\d{1,5}$/.test(name)) return true;
  return Object.hasOwn(PARAMETERS, name) && (PARAMETERS[name]?.(value) ?? false);
}
