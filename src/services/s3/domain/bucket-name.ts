const LABELS = /^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$/;
const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
const RESERVED = /^(?:xn--|sthree-|amzn-s3-demo-)|(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function isBucketName(name: string): boolean {
  return LABELS.test(name) && !name.includes('..') && !ADDRESS.test(name) && !RESERVED.test(name);
}
