import { createHash } from 'node:crypto';
import type { CloudTrailEvent } from './event.ts';
import { dayPath, fileMinute, fileSecond } from './times.ts';

interface Place {
  readonly account: string;
  readonly prefix?: string;
}

function rootOf({ prefix, account }: Place): string {
  return `${prefix === undefined ? '' : `${prefix}/`}AWSLogs/${account}/`;
}

/** The folders that CreateTrail makes, so that a bucket that takes no files is found out at once. */
export const logFolder = (place: Place): string => `${rootOf(place)}CloudTrail/`;
export const digestFolder = (place: Place): string => `${rootOf(place)}CloudTrail-Digest/`;

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html#cloudtrail-log-filename-format */
export function logFileKey(place: Place, region: string, atMs: number, unique: string): string {
  const name = `${place.account}_CloudTrail_${region}_${fileMinute(atMs)}_${unique}.json.gz`;
  return `${logFolder(place)}${region}/${dayPath(atMs)}/${name}`;
}

/** @param trail its home region and name */
export function digestFileKey(
  place: Place,
  region: string,
  trail: { readonly region: string; readonly name: string },
  endMs: number,
): string {
  const name = `${place.account}_CloudTrail-Digest_${region}_${trail.name}_${trail.region}_${fileSecond(endMs)}.json.gz`;
  return `${digestFolder(place)}${region}/${dayPath(endMs)}/${name}`;
}

export function logFileContent(events: readonly CloudTrailEvent[]): Buffer {
  return Buffer.from(JSON.stringify({ Records: events }));
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 16 letters and digits. @param bytes 16 random ones */
export function uniqueString(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join('');
}
