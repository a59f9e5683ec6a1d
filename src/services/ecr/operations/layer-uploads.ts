import { RuntimeError, ServiceError } from '../../../kernel/errors.ts';
import { invalidLayerPart, invalidParameter, serverFailed, unsupported } from '../errors.ts';
import { checkLayerDigest } from '../layers.ts';
import { operation } from '../operation.ts';
import { inRegistry, requireRepository } from '../repositories.ts';
import { registryOf, repositoryResource } from '../scope.ts';

/** What ECR tells clients to send; in base64 it stays below the largest request. */
const PART_BYTES = 10 * 1024 * 1024;
const MOST_PART_BYTES = 20 * 1024 * 1024;

/*
 * A layer by the API: InitiateLayerUpload, UploadLayerPart for part after part, CompleteLayerUpload; then PutImage.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UploadLayerPart.html
 */

export const InitiateLayerUpload = operation('InitiateLayerUpload', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'InitiateLayerUpload', input);
    const uploadId = await ctx.ports.registry.uploads.start(scope, input.repositoryName ?? '');
    return { uploadId, partSize: PART_BYTES };
  },
});

export const UploadLayerPart = operation('UploadLayerPart', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'UploadLayerPart', input);
    const { uploadId = '', repositoryName = '', partLastByte = -1 } = input;
    const first = position('partFirstByte', input.partFirstByte);
    const length = position('partLastByte', input.partLastByte) - first + 1;
    const bytes = input.layerPartBlob ?? new Uint8Array();
    if (bytes.length > MOST_PART_BYTES) {
      throw invalidParameter('layerPartBlob', `Member must have length less than or equal to ${MOST_PART_BYTES}`);
    }
    const name = { scope, repository: repositoryName, id: uploadId };
    const { uploads, parts } = ctx.ports.registry;
    if (length < 1 || length !== bytes.length) {
      throw invalidLayerPart(
        `The layer part has ${bytes.length} bytes, which are not those from byte ${first} to byte ${partLastByte}`,
        name,
        await uploads.size(name),
      );
    }
    const lastByteReceived = await parts.add(name, first, bytes).catch(async (error: unknown) => {
      if (!(error instanceof ServiceError) || !PART_ERRORS.includes(error.code)) throw inEcrsWords(error);
      throw invalidLayerPart(error.message, name, await uploads.size(name));
    });
    return { registryId: scope.account, repositoryName, uploadId, lastByteReceived };
  },
});

export const CompleteLayerUpload = operation('CompleteLayerUpload', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'CompleteLayerUpload', input);
    const { uploadId = '', repositoryName = '' } = input;
    const digests = [...new Set(input.layerDigests ?? [])];
    const [layerDigest] = digests;
    if (layerDigest === undefined) throw invalidParameter('layerDigests', 'Member must have length between 1 and 100');
    // Digests of several kinds date from registries that knew tarsum.
    if (digests.length > 1) throw unsupported('layerDigests', 'More than one digest of a layer');
    checkLayerDigest(ctx, 'layerDigests', layerDigest);
    const { links, parts } = ctx.ports.registry;
    const name = { scope, repository: repositoryName, id: uploadId };
    await parts
      .complete(name, layerDigest, async (tx) => {
        const repository = inRegistry(await requireRepository(tx, scope, repositoryName));
        return (await links.get(tx, repository, layerDigest)) !== undefined;
      })
      .catch((error: unknown) => {
        throw inEcrsWords(error);
      });
    return { registryId: scope.account, repositoryName, uploadId, layerDigest };
  },
});

/** Of the registry: a part that does not fit, and one that comes while another is on its way. */
const PART_ERRORS: readonly string[] = ['InvalidLayerPartException', 'UploadInUse'];

/** What the client can do nothing about but try again: a full disk, or a part that is still on its way. */
function inEcrsWords(error: unknown): unknown {
  if (error instanceof RuntimeError) return serverFailed(error);
  return error instanceof ServiceError && error.code === 'UploadInUse' ? serverFailed(error) : error;
}

function position(member: string, value: number | undefined): number {
  if (value !== undefined && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidParameter(member, 'Member must have value greater than or equal to 0');
}
