import { ServiceError } from '../../kernel/errors.ts';

/** Where a repository was looked for: its name, and the registry of the call. */
export interface Place {
  readonly account: string;
  readonly name: string;
}

export const invalidParameter = (member: string, constraint: string) =>
  new ServiceError(
    'InvalidParameterException',
    `Invalid parameter at '${member}' failed to satisfy constraint: '${constraint}'`,
  );

/** A parameter that asks for something which is not built. */
export const unsupported = (member: string, what: string) => invalidParameter(member, `${what} is not supported`);

export const repositoryNotFound = ({ account, name }: Place) =>
  new ServiceError(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${account}'`,
  );

export const repositoryAlreadyExists = ({ account, name }: Place) =>
  new ServiceError(
    'RepositoryAlreadyExistsException',
    `The repository with name '${name}' already exists in the registry with id '${account}'`,
  );

export const repositoryNotEmpty = ({ account, name }: Place) =>
  new ServiceError(
    'RepositoryNotEmptyException',
    `The repository with name '${name}' in registry with id '${account}' cannot be deleted because it still contains images`,
  );

export const imageNotFound = (
  imageId: { imageDigest?: string | undefined; imageTag?: string | undefined },
  { account, name }: Place,
) =>
  new ServiceError(
    'ImageNotFoundException',
    `The image with imageId {imageDigest:'${imageId.imageDigest ?? 'null'}', imageTag:'${imageId.imageTag ?? 'null'}'} does not exist within the repository with name '${name}' in the registry with id '${account}'`,
  );

export const imageAlreadyExists = (digest: string, tag: string | undefined, { account, name }: Place) =>
  new ServiceError(
    'ImageAlreadyExistsException',
    `Image with digest '${digest}'${tag === undefined ? '' : ` and tag '${tag}'`} already exists in the repository with name '${name}' in registry with id '${account}'`,
  );

export const imageDigestDoesNotMatch = (digest: string, { account, name }: Place) =>
  new ServiceError(
    'ImageDigestDoesNotMatchException',
    `The image with digest '${digest}' in repository '${name}' and registry ID '${account}' does not match the image digest that Amazon ECR has calculated.`,
  );

export const layerNotFound = (digest: string, { account, name }: Place) =>
  new ServiceError(
    'LayersNotFoundException',
    `The layer with digest '${digest}' does not exist within the repository with name '${name}' in the registry with id '${account}'`,
  );

export const layerInaccessible = (digest: string, { account, name }: Place, reason: string) =>
  new ServiceError(
    'LayerInaccessibleException',
    `The layer with digest '${digest}' within the repository with name '${name}' in the registry with id '${account}' is not available because ${reason}`,
  );

/** @param size how many bytes of the upload are there */
export const invalidLayerPart = (
  message: string,
  upload: { readonly scope: Pick<Place, 'account'>; readonly repository: string; readonly id: string },
  size: number,
) =>
  new ServiceError('InvalidLayerPartException', message, {
    members: {
      registryId: upload.scope.account,
      repositoryName: upload.repository,
      uploadId: upload.id,
      ...(size > 0 && { lastValidByteReceived: size - 1 }),
    },
  });

export const storageClassNotSupported = (digest: string, indexes: readonly string[]) =>
  new ServiceError(
    'ImageStorageClassUpdateNotSupportedException',
    `The image with digest '${digest}' cannot be archived because it is referenced by manifest list: [${indexes.join(', ')}]`,
  );

export const serverFailed = (cause: Error) =>
  new ServiceError('ServerException', cause.message, { httpStatus: 500, cause });

export const invalidTag = (message: string) => new ServiceError('InvalidTagParameterException', message);

export const tooManyTags = (message: string) => new ServiceError('TooManyTagsException', message);

/** For an action that no policy on anything of another account could allow. */
export const accessDenied = (principalArn: string, action: string) =>
  new ServiceError(
    'AccessDeniedException',
    `User: ${principalArn} is not authorized to perform: ecr:${action} on resource: * because no resource-based policy allows the ecr:${action} action`,
    { httpStatus: 400 },
  );

export const repositoryPolicyNotFound = ({ account, name }: Place) =>
  new ServiceError(
    'RepositoryPolicyNotFoundException',
    `Repository policy does not exist for the repository with name '${name}' in the registry with id '${account}'`,
  );

export const registryPolicyNotFound = ({ account }: Pick<Place, 'account'>) =>
  new ServiceError(
    'RegistryPolicyNotFoundException',
    `Registry policy does not exist in the registry with id '${account}'`,
  );

export const templateNotFound = (prefix: string, { account }: Pick<Place, 'account'>) =>
  new ServiceError(
    'TemplateNotFoundException',
    `The Repository Creation Template with prefix '${prefix}' does not exist in the registry with id '${account}'`,
  );

export const templateAlreadyExists = (prefix: string, { account }: Pick<Place, 'account'>) =>
  new ServiceError(
    'TemplateAlreadyExistsException',
    `The Repository Creation Template with prefix '${prefix}' already exists in the registry with id '${account}'`,
  );

export const exclusionAlreadyExists = (principalArn: string, { account }: Pick<Place, 'account'>) =>
  new ServiceError(
    'ExclusionAlreadyExistsException',
    `The pull time update exclusion for '${principalArn}' already exists in the registry with id '${account}'`,
  );

export const exclusionNotFound = (principalArn: string, { account }: Pick<Place, 'account'>) =>
  new ServiceError(
    'ExclusionNotFoundException',
    `The pull time update exclusion for '${principalArn}' does not exist in the registry with id '${account}'`,
  );

/** @param problem in the words of AWS's validation, or near them */
export const lifecyclePolicyInvalid = (problem: string) =>
  invalidParameter('LifecyclePolicyText', `Lifecycle policy validation failure: ${problem}`);

export const lifecyclePolicyNotFound = ({ account, name }: Place) =>
  new ServiceError(
    'LifecyclePolicyNotFoundException',
    `Lifecycle policy does not exist for the repository with name '${name}' in the registry with id '${account}'`,
  );

export const lifecyclePreviewNotFound = ({ account, name }: Place) =>
  new ServiceError(
    'LifecyclePolicyPreviewNotFoundException',
    `Lifecycle policy preview does not exist for the repository with name '${name}' in the registry with id '${account}'`,
  );

export const lifecyclePreviewInProgress = ({ account, name }: Place) =>
  new ServiceError(
    'LifecyclePolicyPreviewInProgressException',
    `The previous lifecycle policy preview request for the repository with name '${name}' in the registry with id '${account}' has not completed. Please wait and try again.`,
  );

export const pullThroughRuleNotFound = (prefix: string, { account }: Pick<Place, 'account'>) =>
  new ServiceError(
    'PullThroughCacheRuleNotFoundException',
    `The pull through cache rule with prefix '${prefix}' does not exist in the registry with id '${account}'`,
  );

export const pullThroughRuleAlreadyExists = (prefix: string, { account }: Pick<Place, 'account'>) =>
  new ServiceError(
    'PullThroughCacheRuleAlreadyExistsException',
    `The pull through cache rule with prefix '${prefix}' already exists in the registry with id '${account}'`,
  );

export const unsupportedUpstream = (url: string) =>
  new ServiceError(
    'UnsupportedUpstreamRegistryException',
    `The upstream registry URL ${url} is invalid. Specify a valid upstream registry URL and try again`,
  );

export const tooManyPullThroughRules = (most: number) =>
  new ServiceError('LimitExceededException', `A registry can have ${most} pull through cache rules at most`);

export const secretNotFound = () =>
  new ServiceError(
    'SecretNotFoundException',
    'The ARN of the secret specified in the pull through cache rule was not found. Update the pull through cache rule with a valid secret ARN and try again.',
  );

export const secretInaccessible = () =>
  new ServiceError(
    'UnableToAccessSecretException',
    'The secret is unable to be accessed. Verify the resource permissions for the secret and try again.',
  );

export const secretUndecipherable = () =>
  new ServiceError(
    'UnableToDecryptSecretValueException',
    'The secret is accessible but is unable to be decrypted. Verify the resource permissions and try again.',
  );

export const secretMalformed = () =>
  invalidParameter(
    'credentialArn',
    "The secret's value must be a JSON object with the keys 'username' and 'accessToken'",
  );

export const scanNotFound = (
  { imageDigest, imageTag }: { imageDigest?: string | undefined; imageTag?: string | undefined },
  { account, name }: Place,
) =>
  new ServiceError(
    'ScanNotFoundException',
    `Image scan does not exist for the image with '{imageDigest:'${imageDigest ?? 'null'}', imageTag:'${imageTag ?? 'null'}'}' in the repository with name '${name}' in the registry with id '${account}'`,
  );

export const scanQuotaExceeded = () =>
  new ServiceError('LimitExceededException', 'The scan quota per image has been exceeded. Wait and try again.');

export const unsupportedImageType = (
  { digest, artifactType, mediaType }: { digest: string; artifactType?: string; mediaType: string },
  { account, name }: Place,
) =>
  new ServiceError(
    'UnsupportedImageTypeException',
    `The image with digest '${digest}' in the repository with name '${name}' in the registry with id '${account}' is of a type that cannot be scanned: ${artifactType ?? mediaType}`,
  );

export const imageArchived = (digest: string, { account, name }: Place) =>
  new ServiceError(
    'ImageArchivedException',
    `The image with digest '${digest}' in the repository with name '${name}' in the registry with id '${account}' is archived and must be restored before it can be scanned`,
  );

export const backfillNotFound = (id: string, { account }: Pick<Place, 'account'>) =>
  new ServiceError(
    'ReplicationBackfillNotFoundException',
    `The replication backfill with id '${id}' does not exist in the registry with id '${account}'`,
  );

export const backfillInProgress = (region: string, { account }: Pick<Place, 'account'>) =>
  new ServiceError(
    'ReplicationBackfillInProgressException',
    `A replication backfill to the Region '${region}' is already in progress in the registry with id '${account}'`,
  );

export const backfillInvalidStatus = (id: string, status: string) =>
  new ServiceError(
    'ReplicationBackfillInvalidStatusException',
    `The replication backfill with id '${id}' cannot be stopped because its status is ${status}`,
  );

export const tooManyBackfills = (most: number) =>
  new ServiceError('LimitExceededException', `A registry can have ${most} replication backfills in progress at most`);
