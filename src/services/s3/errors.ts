import { ServiceError } from '../../kernel/errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
function error(httpStatus: number, code: string, message: string, members: object = {}): ServiceError {
  return new ServiceError(code, message, { httpStatus, members: { ...members } });
}

export const noSuchBucket = (BucketName: string): ServiceError =>
  error(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName });

export const noSuchKey = (Key: string): ServiceError =>
  error(404, 'NoSuchKey', 'The specified key does not exist.', { Key });

export const noSuchVersion = (Key: string, VersionId: string): ServiceError =>
  error(404, 'NoSuchVersion', 'The specified version does not exist.', { Key, VersionId });

export const noSuchUpload = (UploadId: string): ServiceError =>
  error(
    404,
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId },
  );

export const noSuchBucketPolicy = (BucketName: string): ServiceError =>
  error(404, 'NoSuchBucketPolicy', 'The bucket policy does not exist', { BucketName });

export const noSuchTagSet = (BucketName: string): ServiceError =>
  error(404, 'NoSuchTagSet', 'The TagSet does not exist', { BucketName });

/** What the bucket does not have: each setting has a code and words of its own. */
export const noSuchConfiguration = (code: string, message: string, BucketName: string): ServiceError =>
  error(404, code, message, { BucketName });

export const accessDenied = (): ServiceError => error(403, 'AccessDenied', 'Access Denied');

export const invalidBucketName = (BucketName: string): ServiceError =>
  error(400, 'InvalidBucketName', 'The specified bucket is not valid.', { BucketName });

export const bucketAlreadyExists = (BucketName: string): ServiceError =>
  error(
    409,
    'BucketAlreadyExists',
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    { BucketName },
  );

export const bucketAlreadyOwnedByYou = (BucketName: string): ServiceError =>
  error(
    409,
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
    { BucketName },
  );

export const bucketNotEmpty = (BucketName: string): ServiceError =>
  error(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty', { BucketName });

export const invalidLocation = (LocationConstraint: string): ServiceError =>
  error(400, 'InvalidLocationConstraint', 'The specified location-constraint is not valid', { LocationConstraint });

/** @param constraint `unspecified`, or the region that was given */
export const illegalLocation = (constraint: string): ServiceError =>
  error(
    400,
    'IllegalLocationConstraintException',
    `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );

export const invalidArgument = (message: string, ArgumentName: string, ArgumentValue: string): ServiceError =>
  error(400, 'InvalidArgument', message, { ArgumentName, ArgumentValue });

export const invalidRequest = (message: string): ServiceError => error(400, 'InvalidRequest', message);

export const malformedXml = (): ServiceError =>
  error(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

export const malformedPolicy = (message: string): ServiceError => error(400, 'MalformedPolicy', message);

export const invalidTag = (message: string): ServiceError => error(400, 'InvalidTag', message);

export const tooManyTags = (): ServiceError => error(400, 'BadRequest', 'Object tags cannot be greater than 10');

export const keyTooLong = (key: string): ServiceError =>
  error(400, 'KeyTooLongError', 'Your key is too long', { Size: Buffer.byteLength(key), MaxSizeAllowed: 1024 });

export const metadataTooLarge = (size: number): ServiceError =>
  error(400, 'MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
    Size: size,
    MaxSizeAllowed: 2048,
  });

export const aclNotSupported = (): ServiceError =>
  error(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs');

export const invalidBucketAcl = (): ServiceError =>
  error(
    400,
    'InvalidBucketAclWithObjectOwnership',
    "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
  );

export const invalidStorageClass = (StorageClassRequested: string): ServiceError =>
  error(400, 'InvalidStorageClass', 'The storage class you specified is not valid', { StorageClassRequested });

/** What is not built, by the header's or member's name. */
export const notImplemented = (what: string): ServiceError =>
  error(501, 'NotImplemented', `Longshore does not support ${what} of S3 yet.`);

export const preconditionFailed = (Condition: string): ServiceError =>
  error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', { Condition });

/** @param facts the headers that a 304 carries */
export const notModified = (facts: { readonly ETag: string; readonly 'Last-Modified': string }): ServiceError =>
  error(304, 'NotModified', 'Not Modified', facts);

export const invalidRange = (RangeRequested: string, ActualObjectSize: number): ServiceError =>
  error(416, 'InvalidRange', 'The requested range is not satisfiable', {
    RangeRequested,
    ActualObjectSize,
    'Content-Range': `bytes */${ActualObjectSize}`,
  });

export const invalidPartNumber = (PartNumberRequested: number, ActualPartCount: number): ServiceError =>
  error(416, 'InvalidPartNumber', 'The requested partnumber is not satisfiable', {
    PartNumberRequested,
    ActualPartCount,
  });

export const invalidPart = (UploadId: string, PartNumber: number, ETag: string): ServiceError =>
  error(
    400,
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { UploadId, PartNumber, ETag },
  );

export const invalidPartOrder = (UploadId: string): ServiceError =>
  error(
    400,
    'InvalidPartOrder',
    'The list of parts was not in ascending order. Parts must be ordered by part number.',
    { UploadId },
  );

export const entityTooSmall = (PartNumber: number, ProposedSize: number, MinSizeAllowed: number): ServiceError =>
  error(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
    ProposedSize,
    MinSizeAllowed,
    PartNumber,
  });

export const badDigest = (algorithm: string): ServiceError =>
  error(400, 'BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
