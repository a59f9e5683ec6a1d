import type { Scope } from '../../kernel/arn.ts';
import { formatArn } from '../../kernel/arn.ts';
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

export const invalidTag = (message: string) => new ServiceError('InvalidTagParameterException', message);

export const tooManyTags = (message: string) => new ServiceError('TooManyTagsException', message);

/** The registries of other accounts are closed: no repository policy can open one yet. */
export const accessDenied = (principalArn: string, action: string, scope: Scope, resource: string) =>
  new ServiceError(
    'AccessDeniedException',
    `User: ${principalArn} is not authorized to perform: ecr:${action} on resource: ${formatArn('ecr', scope, resource)} because no resource-based policy allows the ecr:${action} action`,
    { httpStatus: 400 },
  );
