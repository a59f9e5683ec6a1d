import { scopeKey } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { Table } from '../../store/store.ts';
import { table } from '../../store/store.ts';
import type { MadeOnce, Resource } from './tables.ts';
import { byClientToken, resourceKey } from './tables.ts';

/** Rows of what runs: instances, key pairs and launch templates. Times in ms since the epoch. */

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

export interface MetadataOptions {
  readonly httpTokens: 'optional' | 'required';
  readonly httpEndpoint: 'enabled' | 'disabled';
  readonly httpPutResponseHopLimit: number;
  readonly instanceMetadataTags: 'enabled' | 'disabled';
}

/** The instance profile that an instance has, as IAM names it. */
export interface ProfileAssociation {
  readonly associationId: string;
  readonly profileArn: string;
  readonly profileId: string;
  readonly associatedAt: number;
}

export interface BlockDevice {
  readonly deviceName: string;
  readonly volumeId: string;
  readonly volumeSize: number;
  readonly volumeType: string;
  readonly deleteOnTermination: boolean;
  readonly encrypted: boolean;
}

/** The request of Spot capacity that an instance was launched for. */
export interface SpotRequest {
  readonly requestId: string;
  readonly type: 'one-time' | 'persistent';
  /** What an interruption does. Left out: it terminates. */
  readonly behavior?: 'stop';
  /** In dollars an hour, as it was given. */
  readonly maxPrice?: string;
  readonly validUntil?: number;
  readonly tags?: Tags;
  readonly isCanceled?: true;
  /** Its capacity is taken away: the notice, and when the instance goes. */
  readonly interruption?: { readonly noticedAt: number; readonly at: number };
}

export interface InstanceRow extends Resource, MadeOnce {
  readonly reservationId: string;
  /** Of the service that launched it, e.g. `autoscaling.amazonaws.com`. */
  readonly launchedBy?: string;
  /** Of the service that manages it for its owner, e.g. `ecs.amazonaws.com`. */
  readonly operator?: string;
  readonly launchIndex: number;
  /** Of the last start. */
  readonly launchedAt: number;
  readonly createdAt: number;
  readonly imageId: string;
  readonly instanceType: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly zoneName: string;
  readonly zoneId: string;
  readonly networkInterfaceId: string;
  readonly privateIp: string;
  /** Gets a public address of EC2's at each start. */
  readonly associatesPublicIp: boolean;
  readonly keyName?: string;
  /** In base64. */
  readonly userData?: string;
  readonly profile?: ProfileAssociation;
  readonly metadata: MetadataOptions;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly disableApiTermination: boolean;
  readonly disableApiStop: boolean;
  readonly ebsOptimized: boolean;
  readonly monitoring: boolean;
  readonly cpuCredits?: string;
  readonly spot?: SpotRequest;
  readonly blockDevices: readonly BlockDevice[];
  readonly state: InstanceState;
  readonly stateReason?: { readonly code: string; readonly message: string };
  /** E.g. `User initiated (2026-11-22 07:31:20 GMT)`; empty when nobody did anything. */
  readonly transitionReason: string;
  /** The boot that it is known to run in. */
  readonly bootId?: string;
  /** The boot that RebootInstances wants to end. */
  readonly rebootFrom?: string;
  /** It has run before: when it cannot start it stays. */
  readonly stoppedBefore?: true;
  readonly terminatedAt?: number;
}

export interface KeyPairRow extends Resource {
  readonly name: string;
  readonly type: 'rsa' | 'ed25519';
  readonly fingerprint: string;
  /** In OpenSSH's format. */
  readonly publicKey: string;
  readonly createdAt: number;
}

export interface LaunchTemplateVersion {
  readonly number: number;
  readonly description?: string;
  readonly createdAt: number;
  readonly createdBy: string;
  /** RequestLaunchTemplateData as it was given. */
  readonly data: object;
}

export interface LaunchTemplateRow extends Resource, MadeOnce {
  readonly name: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly defaultVersion: number;
  /** The number of the last that was made, also where it is deleted: no number is given twice. */
  readonly latestVersion: number;
  readonly versions: readonly LaunchTemplateVersion[];
}

const keyOf = (row: Resource) => resourceKey(row, row.id);

/** Whether it takes its share of the host. */
export function occupiesHost(row: Pick<InstanceRow, 'state'>): boolean {
  return row.state !== 'stopped' && row.state !== 'terminated';
}

export const instances = table<InstanceRow>('ec2.instances', keyOf, {
  id: (row) => row.id,
  scope: scopeKey,
  vpc: (row) => resourceKey(row, row.vpcId),
  subnet: (row) => resourceKey(row, row.subnetId),
  reservation: (row) => resourceKey(row, row.reservationId),
  networkInterface: (row) => resourceKey(row, row.networkInterfaceId),
  onHost: (row) => (occupiesHost(row) ? 'yes' : undefined),
  profile: (row) => row.profile && resourceKey(row, row.profile.associationId),
  ...byClientToken,
});

export const keyPairs = table<KeyPairRow>('ec2.key-pairs', keyOf, {
  name: (row) => resourceKey(row, row.name),
});

export const launchTemplates = table<LaunchTemplateRow>('ec2.launch-templates', keyOf, {
  name: (row) => resourceKey(row, row.name),
  ...byClientToken,
});

export const instanceTables: readonly Table<any>[] = [instances, keyPairs, launchTemplates];
