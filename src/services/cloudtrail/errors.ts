import { ServiceError } from '../../kernel/errors.ts';

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/CommonErrors.html and each operation's page. */
const error = (code: string) => (message: string) => new ServiceError(code, message);

/** What would change what happens and is not built. */
export const notSupported = (what: string) =>
  new ServiceError('UnsupportedOperationException', `${what} is not supported by this server.`);

export const unknownTrail = (name: string, account: string) =>
  new ServiceError('TrailNotFoundException', `Unknown trail: ${name} for the user: ${account}`);

export const trailExists = (name: string, account: string) =>
  new ServiceError('TrailAlreadyExistsException', `Trail ${name} already exists for customer: ${account}`);

export const tooManyTrails = (account: string, region: string, limit: number) =>
  new ServiceError(
    'MaximumNumberOfTrailsExceededException',
    `User: ${account} already has ${limit} trails in ${region}.`,
  );

export const notHomeRegion = (arn: string, region: string) =>
  new ServiceError('InvalidHomeRegionException', `Trail ${arn} must be called in its home region: ${region}.`);

export const invalidArn = (arn: string) =>
  new ServiceError('CloudTrailARNInvalidException', `Invalid Trail ARN: ${arn}`);

export const noSuchBucket = (bucket: string) =>
  new ServiceError('S3BucketDoesNotExistException', `S3 bucket ${bucket} does not exist!`);

export const bucketPolicy = (bucket: string) =>
  new ServiceError(
    'InsufficientS3BucketPolicyException',
    `Incorrect S3 bucket policy is detected for bucket: ${bucket}`,
  );

export const invalidBucketName = error('InvalidS3BucketNameException');
export const invalidPrefix = error('InvalidS3PrefixException');
export const invalidTrailName = error('InvalidTrailNameException');
export const invalidLogGroup = error('InvalidCloudWatchLogsLogGroupArnException');
export const invalidLogsRole = error('InvalidCloudWatchLogsRoleArnException');
export const invalidCombination = error('InvalidParameterCombinationException');
export const invalidSelectors = error('InvalidEventSelectorsException');
export const invalidTag = error('InvalidTagParameterException');
export const tooManyTags = error('TagsLimitExceededException');
export const invalidAttributes = error('InvalidLookupAttributesException');
export const invalidMaxResults = error('InvalidMaxResultsException');
export const invalidTimeRange = error('InvalidTimeRangeException');

export const invalidNextToken = (): never => {
  throw new ServiceError('InvalidNextTokenException', 'Invalid Next Token was provided.');
};

export const invalidToken = (): never => {
  throw new ServiceError('InvalidTokenException', 'Reserved for future use.');
};

export const noInsights = (name: string) =>
  new ServiceError('InsightNotEnabledException', `Trail ${name} does not have Insights enabled.`);

export const unsupportedType = (arn: string) =>
  new ServiceError('ResourceTypeNotSupportedException', `The resource type of ${arn} is not supported by this server.`);

export const trailNotProvided = () =>
  new ServiceError('InvalidParameterCombinationException', 'Either TrailName or EventDataStore must be specified.');
