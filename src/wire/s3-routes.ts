import type { Contracts, ServiceContract } from './contracts.ts';
import type { Identified } from './identified.ts';
import type { RawRequest } from './raw-request.ts';
import { header } from './raw-request.ts';
import { RequestError } from './request-error.ts';
import { matchQuery, toRoute, type Route } from './rest-routes.ts';
import { isS3Host, s3Target, type S3Target } from './s3-target.ts';

/**
 * Whether a request without a signature is meant for S3: by its host, or because an AWS client sent it whose other
 * services would have named a target, an action or an API version.
 */
export function looksLikeS3(request: RawRequest): boolean {
  if (isS3Host(header(request, 'host') ?? '')) return true;
  if (header(request, 'x-amz-content-sha256') !== undefined) return true;
  return /^(?:aws-cli|aws-sdk|boto)/i.test(header(request, 'user-agent') ?? '');
}

/**
 * The operation of an S3 request: the bucket stands in the host or in the path, subresources in the query. The SDK's
 * `http` traits leave the bucket out, since its endpoint rules put it where it belongs.
 * @throws RequestError
 */
export async function identifyS3(request: RawRequest, contracts: Contracts): Promise<Identified> {
  const contract = await contracts.get('s3');
  const target = s3Target(request);
  if (!target) throw refuse('InvalidURI', "Couldn't parse the specified URI.", 400);
  if (target.bucket === '') throw refuse('InvalidBucketName', 'The specified bucket is not valid.', 400);
  const route = matchQuery(routesOfLevel(contract, levelOf(target)), request);
  if (!route) throw refuse('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
  const { bucket, key } = target;
  const labels = new Map<string, string>();
  if (bucket !== undefined) labels.set('Bucket', bucket);
  if (key !== undefined) labels.set('Key', key);
  return { service: 's3', contract, operation: route.operation, protocol: 'restXml', labels };
}

type Level = 'service' | 'bucket' | 'object';

function levelOf({ bucket, key }: S3Target): Level {
  if (key !== undefined) return 'object';
  return bucket === undefined ? 'service' : 'bucket';
}

/** Those of S3 Express and of Object Lambda, which are other services with hosts of their own. */
const ELSEWHERE: ReadonlySet<string> = new Set(['ListDirectoryBuckets', 'WriteGetObjectResponse']);

const tables = new WeakMap<ServiceContract, ReadonlyMap<Level, readonly Route[]>>();

/** Those with more literal query keys first, then those with more required query and header members. */
function routesOfLevel(contract: ServiceContract, level: Level): readonly Route[] {
  const table = tables.get(contract) ?? makeTable(contract);
  tables.set(contract, table);
  return table.get(level) ?? [];
}

function makeTable(contract: ServiceContract): ReadonlyMap<Level, readonly Route[]> {
  const routes = [...contract.operations.values()].filter(({ name }) => !ELSEWHERE.has(name)).flatMap(toRoute);
  const required = ({ requiredQuery, requiredHeaders }: Route) => requiredQuery.length + requiredHeaders.length;
  const sorted = routes.toSorted(
    (a, b) => b.queryLiterals.length - a.queryLiterals.length || required(b) - required(a),
  );
  return Map.groupBy(sorted, ({ operation, segments }) => {
    if (segments.some(({ kind }) => kind === 'greedy')) return 'object';
    return operation.input?.members.some(({ name, traits }) => name === 'Bucket' && traits['httpLabel'] === 1)
      ? 'bucket'
      : 'service';
  });
}

function refuse(code: string, message: string, httpStatus: number): RequestError {
  return new RequestError(code, message, { httpStatus, protocol: 'restXml', service: 's3' });
}
