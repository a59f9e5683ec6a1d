import { open } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { scopeKey } from '../kernel/arn.ts';
import { messageOf } from '../kernel/errors.ts';
import { registryOrigin } from '../registry/client/registry-client.ts';
import { ConfigError } from './config.ts';

/** Another registry that takes the images for an account and Region: an entry of `--replication-targets`' file. */
export interface ReplicationTarget {
  readonly account: string;
  readonly region: string;
  /** Its origin. */
  readonly url: string;
  /** Before the names of our repositories there. */
  readonly repositoryPrefix?: string;
  readonly login: TargetLogin;
}

export type TargetLogin =
  | { readonly type: 'anonymous' }
  | { readonly type: 'password'; readonly username: string; readonly password: string }
  /** A secret of Secrets Manager with `username` and `accessToken`. */
  | { readonly type: 'secret'; readonly arn: string }
  /** An access key of another Longshore, or of AWS. */
  | {
      readonly type: 'access-key';
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      /** Where its ECR API is called. */
      readonly endpoint: string;
    };

const LOGINS = [[], ['username', 'password'], ['credentialArn'], ['accessKeyId', 'secretAccessKey']];
const REGION = /^[a-z]{2,}(-[a-z]+)+-\d+$/;
const PREFIX = /^[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*$/;
const SECRET_ARN = /^arn:aws[\w-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:ecr-pullthroughcache\/.+$/;
const MEMBERS = new Set(['region', 'registryId', 'url', 'repositoryPrefix', 'endpoint', ...LOGINS.flat()]);

/**
 * Reads the file of targets, a JSON list; see docs/how-to/replicate-images.md. It holds secrets, so nobody but its owner
 * may read it.
 * @throws ConfigError
 */
export async function readReplicationTargets(path: string): Promise<readonly ReplicationTarget[]> {
  const text = await readPrivate(path);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own words hold a piece of the file.
    throw new ConfigError(`${path} is not JSON.`);
  }
  if (!Array.isArray(parsed)) throw new ConfigError(`${path} must hold a JSON list of replication targets.`);
  const targets = parsed.map((entry: unknown, i) => targetOf(entry, `${path}: target ${i + 1}`));
  const places = targets.map(scopeKey);
  const twice = places.find((place, i) => places.indexOf(place) !== i);
  if (twice !== undefined) throw new ConfigError(`${path} has two targets for ${twice}.`);
  return targets;
}

async function readPrivate(path: string): Promise<string> {
  try {
    await using file = await open(path);
    if (((await file.stat()).mode & 0o077) !== 0) {
      throw new ConfigError(`${path} may hold secrets and can be read by others: chmod 600 it.`);
    }
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`--replication-targets cannot be read: ${messageOf(error)}`);
  }
}

function targetOf(entry: unknown, where: string): ReplicationTarget {
  if (typeof entry !== 'object' || entry === null) throw new ConfigError(`${where} must be an object.`);
  const fields = Object.entries(entry);
  const unknown = fields.find(([name, value]) => !MEMBERS.has(name) || typeof value !== 'string');
  if (unknown) throw new ConfigError(`${where}: ${unknown[0]} is not known, or no text.`);
  const given: Readonly<Record<string, string>> = Object.fromEntries(fields);
  const { region = '', registryId = '', url = '', repositoryPrefix } = given;
  if (!REGION.test(region)) throw new ConfigError(`${where}: region must be one, e.g. eu-west-1.`);
  if (!/^\d{12}$/.test(registryId)) throw new ConfigError(`${where}: registryId must be twelve digits.`);
  const origin = registryOrigin(url);
  if (origin === undefined) throw new ConfigError(`${where}: url must be a registry's, e.g. https://host:5000.`);
  if (repositoryPrefix !== undefined && !PREFIX.test(repositoryPrefix)) {
    throw new ConfigError(`${where}: repositoryPrefix must be the beginning of a repository's name, without a slash.`);
  }
  return {
    account: registryId,
    region,
    url: origin,
    ...(repositoryPrefix !== undefined && { repositoryPrefix }),
    login: loginOf(given, origin, where),
  };
}

function loginOf(given: Readonly<Record<string, string>>, origin: string, where: string): TargetLogin {
  const names = LOGINS.flat().filter((name) => given[name] !== undefined);
  if (!LOGINS.some((login) => isDeepStrictEqual(login, names))) {
    throw new ConfigError(
      `${where}: give username and password, or credentialArn, or accessKeyId and secretAccessKey, or none of them.`,
    );
  }
  const { username, password = '', credentialArn, accessKeyId, secretAccessKey = '', endpoint = origin } = given;
  if (username !== undefined) return { type: 'password', username, password };
  if (credentialArn !== undefined) {
    if (SECRET_ARN.test(credentialArn)) return { type: 'secret', arn: credentialArn };
    throw new ConfigError(`${where}: credentialArn must be of a secret whose name begins ecr-pullthroughcache/.`);
  }
  if (accessKeyId === undefined) return { type: 'anonymous' };
  const url = URL.parse(endpoint);
  if (!url) throw new ConfigError(`${where}: endpoint must be a URL.`);
  return { type: 'access-key', accessKeyId, secretAccessKey, endpoint: url.origin };
}
