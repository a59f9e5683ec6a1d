import { scopeKey, type Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';
import type { Selectors } from './domain/selectors.ts';
import type { Windows } from './domain/windows.ts';

/** `account` and `region`: the owner and the home region. */
export interface TrailRow extends Scope {
  readonly arn: string;
  readonly name: string;
  /** What its deliveries hang on, so that a trail made again under an old name does not meet the old one's. */
  readonly id: string;
  readonly createdAtMs: number;
  readonly bucket: string;
  readonly prefix?: string;
  readonly includeGlobal: boolean;
  readonly multiRegion: boolean;
  readonly validation: boolean;
  readonly logGroupArn?: string;
  readonly logsRoleArn?: string;
  readonly selectors: Selectors;
  readonly tags: Tags;
  readonly logging: boolean;
  readonly startedAtMs?: number;
  readonly stoppedAtMs?: number;
}

export type DeliveryKind = 'files' | 'logs';

/** How far a trail has delivered to its bucket, or to its log group. One for each, made with the trail. */
export interface DeliveryRow {
  readonly id: string;
  readonly kind: DeliveryKind;
  readonly trailArn: string;
  /** The last batch of events that has been delivered. */
  readonly position: number;
  readonly windows: Windows;
  readonly nextAtMs: number;
  /** Files that are on their way: named before they are written, so that a second try writes the same. */
  readonly pending?: PendingFiles;
  readonly attemptedAtMs?: number;
  readonly succeededAtMs?: number;
  /** The code of the error that the last attempt ended in, e.g. `AccessDenied`. */
  readonly error?: string;
  /** The trail as it was when it was deleted: what happened until then is still delivered. */
  readonly ended?: TrailRow;
}

export interface PendingFiles {
  readonly bucket: string;
  readonly toBatch: number;
  readonly atMs: number;
  /** 16 letters and digits, in the name of each. */
  readonly unique: string;
}

/** A log file that no digest has named yet. */
export interface DeliveredFileRow {
  readonly id: string;
  readonly region: string;
  readonly deliveredAtMs: number;
  readonly bucket: string;
  readonly object: string;
  /** Of its uncompressed content, in hexadecimal. */
  readonly sha256: string;
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** A trail's chain of digests in one region. */
export interface DigestChainRow {
  readonly id: string;
  readonly region: string;
  readonly trailArn: string;
  /** Where the next digest begins. */
  readonly startMs: number;
  readonly nextAtMs: number;
  readonly previous?: {
    readonly bucket: string;
    readonly object: string;
    readonly sha256: string;
    readonly signature: string;
  };
  /** The end of the digest that is on its way. */
  readonly pendingEndMs?: number;
  readonly succeededAtMs?: number;
  readonly error?: string;
}

/** The key pair of a region's digests. Made once. */
export interface SigningKeyRow extends Scope {
  /** MD5 of the public key. */
  readonly fingerprint: string;
  /** PKCS#1 DER, in base64. */
  readonly publicKey: string;
  /** PKCS#8 PEM, by the SealedBox of purpose `cloudtrail-digests`. */
  readonly sealedPrivateKey: string;
  readonly createdAtMs: number;
}

const MS_DIGITS = 13;

export const deliveryKey = (id: string, kind: DeliveryKind): string => `${id}/${kind}`;
export const chainKey = (id: string, region: string): string => `${id}/${region}`;

export const trails = table<TrailRow>('cloudtrail.trails', (row) => row.arn, {
  account: (row) => row.account,
  scope: scopeKey,
  id: (row) => row.id,
});

export const deliveries = table<DeliveryRow>('cloudtrail.deliveries', (row) => deliveryKey(row.id, row.kind));

export const deliveredFiles = table<DeliveredFileRow>(
  'cloudtrail.delivered-files',
  (row) => `${row.id}/${row.region}/${String(row.deliveredAtMs).padStart(MS_DIGITS, '0')}/${row.object}`,
);

export const digestChains = table<DigestChainRow>('cloudtrail.digest-chains', (row) => chainKey(row.id, row.region));

export const signingKeys = table<SigningKeyRow>(
  'cloudtrail.signing-keys',
  (row) => `${scopeKey(row)}/${row.fingerprint}`,
);
