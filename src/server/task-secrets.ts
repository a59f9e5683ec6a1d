import { Readable } from 'node:stream';
import type { Output } from '../api/clients.ts';
import type { Call } from '../api/context.ts';
import type { CallAs } from '../api/service.ts';
import { SecretsError, type ResolveSecrets, type SecretsRequest } from '../executor/secrets.ts';
import { parseArn, type Scope } from '../kernel/arn.ts';
import { messageOf, ServiceError } from '../kernel/errors.ts';
import { parseEnvironmentFile } from './environment-file.ts';
import { underExecutionRole } from './execution-role.ts';
import { sourceOf, type ParameterSource, type SecretsManagerSource } from './secret-source.ts';

/** How many parameters one GetParameters takes. */
const BATCH = 10;
/** Of an environment file: it comes into memory, and into a container's environment. */
const MOST_FILE_BYTES = 1024 * 1024;
const PULL =
  'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ';
const RETRIED = 'service call has been retried 1 time(s): ';
const SSM = `${PULL}unable to retrieve secrets from ssm: ${RETRIED}`;
const ASM = `${PULL}unable to retrieve secret from asm: ${RETRIED}`;
const DOWNLOAD =
  'ResourceInitializationError: failed to download env files: file download command: non empty error stream: ';

type ReadParameter = NonNullable<Output<'ssm', 'GetParameters'>['Parameters']>[number];

/** Calls in a region, under the execution role. */
type CallRegion = (region: string) => Call;

/**
 * Fetches what a container gets from Parameter Store, Secrets Manager and S3, under the task's execution role.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
 */
export function taskSecrets(callIn: (scope: Scope, as?: CallAs) => Call): ResolveSecrets {
  return async (request) => {
    refuseWithoutRole(request);
    const callRegion: CallRegion = (region) =>
      callIn({ account: request.account, region }, underExecutionRole(request.role));
    const sources = request.secrets.map((secret) => sourceOf(secret, request));
    const parameters = await fetchParameters(
      callRegion,
      sources.filter((source) => source.from === 'ssm'),
    );
    const secrets = await fetchSecrets(
      callRegion,
      sources.filter((source) => source.from === 'asm'),
    );
    return {
      secrets: Object.fromEntries([...parameters, ...secrets]),
      environmentFiles: await fetchFiles(callRegion, request),
    };
  };
}

/** Without one the calls would be made in ECS's own name, which may read more than who runs the task. */
function refuseWithoutRole({ role, secrets, environmentFiles }: SecretsRequest): void {
  if (role || (secrets.length === 0 && environmentFiles.length === 0)) return;
  throw new SecretsError('rejected', `${PULL}the task has no execution role`);
}

async function fetchParameters(callRegion: CallRegion, sources: readonly ParameterSource[]) {
  const found: [variable: string, value: string][] = [];
  const missing: string[] = [];
  for (const [region, inRegion] of Map.groupBy(sources, (source) => source.region)) {
    const values = await parameterValues(callRegion(region), [...new Set(inRegion.map((each) => each.parameter))]);
    for (const { variable, parameter } of inRegion) {
      const value = values.get(keyOf(parameter));
      if (value === undefined) missing.push(parameter);
      else found.push([variable, value]);
    }
  }
  if (missing.length > 0) {
    throw new SecretsError('rejected', `${SSM}invalid ssm parameters: ${[...new Set(missing)].join(', ')}`);
  }
  return found;
}

async function parameterValues(call: Call, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (let at = 0; at < names.length; at += BATCH) {
    const asked = { Names: names.slice(at, at + BATCH), WithDecryption: true };
    const { Parameters = [] } = await inWords(SSM, call('ssm', 'GetParameters', asked));
    for (const parameter of Parameters) values.set(keyOf(nameOf(parameter)), parameter.Value ?? '');
  }
  return values;
}

/** As it was asked for, with its version or label. */
function nameOf({ Name = '', Selector = '' }: ReadParameter): string {
  return `${Name}${Selector}`;
}

/** One key for `name`, `/name` and the parameter's ARN. */
function keyOf(parameter: string): string {
  return (parseArn(parameter)?.resource.replace(/^parameter/, '') ?? parameter).replace(/^\//, '');
}

async function fetchSecrets(callRegion: CallRegion, sources: readonly SecretsManagerSource[]) {
  const found: [variable: string, value: string][] = [];
  for (const source of sources) {
    const { secretArn, versionStage, versionId } = source;
    const answer = await inWords(
      `${ASM}failed to fetch secret ${secretArn} from secrets manager: `,
      callRegion(source.region)('secretsmanager', 'GetSecretValue', {
        SecretId: secretArn,
        ...(versionStage !== undefined && { VersionStage: versionStage }),
        ...(versionId !== undefined && { VersionId: versionId }),
      }),
    );
    found.push([source.variable, valueIn(answer.SecretString, source)]);
  }
  return found;
}

function valueIn(text: string | undefined, { secretArn, jsonKey }: SecretsManagerSource): string {
  if (text === undefined) {
    throw new SecretsError(
      'rejected',
      `${ASM}secret ${secretArn} has no SecretString: ECS cannot pass on binary secrets`,
    );
  }
  if (jsonKey === undefined) return text;
  const members = objectIn(text);
  if (!members || !Object.hasOwn(members, jsonKey)) {
    throw new SecretsError(
      'rejected',
      `${ASM}retrieved secret from Secrets Manager did not contain json key ${jsonKey}`,
    );
  }
  const value = members[jsonKey];
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

async function fetchFiles(callRegion: CallRegion, { region, environmentFiles }: SecretsRequest) {
  const files: Readonly<Record<string, string>>[] = [];
  for (const arn of environmentFiles) {
    const [, Bucket = '', Key = ''] = /^([^/]+)\/(.+)$/.exec(parseArn(arn)?.resource ?? '') ?? [];
    const words = `${DOWNLOAD}failed to download file ${Key.split('/').at(-1)}: `;
    const { Body, ContentLength = 0 } = await inWords(words, callRegion(region)('s3', 'GetObject', { Bucket, Key }));
    if (ContentLength > MOST_FILE_BYTES) {
      if (Body instanceof Readable) Body.destroy();
      throw new SecretsError('rejected', `${words}it has more than ${MOST_FILE_BYTES} bytes`);
    }
    files.push(parseEnvironmentFile(await inWords(words, Body?.transformToString() ?? Promise.resolve(''))));
  }
  return files;
}

/** Says what failed after `words`. What this server did not refuse may go well another time. */
async function inWords<T>(words: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const isRefusal = error instanceof ServiceError && error.httpStatus < 500;
    const why =
      error instanceof ServiceError ? [error.code, error.message].filter(Boolean).join(': ') : messageOf(error);
    throw new SecretsError(isRefusal ? 'rejected' : 'temporary', `${words}${why}`, error);
  }
}
