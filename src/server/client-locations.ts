import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { messageOf } from '../kernel/errors.ts';
import { refuseLocation, type ClientLocation } from '../services/route53/index.ts';
import { ConfigError } from './config.ts';

const MEMBERS: readonly string[] = ['cidr', 'region', 'country', 'subdivision', 'latitude', 'longitude'];

/**
 * Reads where clients are, a JSON list; see docs/how-to/route-by-place.md.
 * @throws ConfigError
 */
export async function readClientLocations(path: string): Promise<readonly ClientLocation[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`--client-locations cannot be read: ${messageOf(error)}`);
  }
  if (!Array.isArray(parsed)) throw new ConfigError(`${path} must hold a JSON list of client locations.`);
  return parsed.map((entry: unknown, i) => locationOf(entry, `${path}: location ${i + 1}`));
}

function locationOf(entry: unknown, where: string): ClientLocation {
  if (typeof entry !== 'object' || entry === null) throw new ConfigError(`${where} must be an object.`);
  const given = new Map<string, unknown>(Object.entries(entry));
  const unknown = [...given.keys()].find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw new ConfigError(`${where}: ${unknown} is not known.`);
  const text = (name: string) => {
    const value = given.get(name);
    if (value === undefined || typeof value === 'string') return value;
    throw new ConfigError(`${where}: ${name} must be a text.`);
  };
  const [cidr = '', region = '', country, subdivision] = ['cidr', 'region', 'country', 'subdivision'].map(text);
  if (!isCidr(cidr)) throw new ConfigError(`${where}: cidr must be a block of addresses, e.g. 203.0.113.0/24.`);
  const coordinates = coordinatesOf(given.get('latitude'), given.get('longitude'), where);
  const location = {
    cidr,
    region,
    ...(country !== undefined && { country }),
    ...(subdivision !== undefined && { subdivision }),
    ...(coordinates && { coordinates }),
  };
  const problem = refuseLocation(location);
  if (problem !== undefined) throw new ConfigError(`${where}: ${problem}`);
  return location;
}

function isCidr(text: string): boolean {
  const [address = '', prefix = '', ...more] = text.split('/');
  const family = isIP(address);
  return family !== 0 && more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32);
}

function coordinatesOf(latitude: unknown, longitude: unknown, where: string): ClientLocation['coordinates'] {
  if (latitude === undefined && longitude === undefined) return undefined;
  const within = (value: unknown, most: number) => typeof value === 'number' && Math.abs(value) <= most;
  if (within(latitude, 90) && within(longitude, 180)) {
    return { latitude: Number(latitude), longitude: Number(longitude) };
  }
  throw new ConfigError(`${where}: latitude and longitude must both be degrees.`);
}
