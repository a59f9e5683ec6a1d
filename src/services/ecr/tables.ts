import type { FindingSeverity, UpstreamRegistry } from '@aws-sdk/client-ecr';
import type { Scope } from '../../kernel/arn.ts';
import { scopeKey } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

/** A repository. What is in it are the registry's rows, under the same key. */
export interface RepositoryRow extends Scope {
  readonly name: string;
  readonly imageTagMutability: TagMutability;
  /** Of the two _WITH_EXCLUSION settings: tags that the setting does not hold for. `*` stands for anything. */
  readonly mutabilityExclusions?: readonly string[];
  readonly scanOnPush: boolean;
  /** As it was given: kept, not done. AES256 where left out. */
  readonly encryption?: { readonly type: 'AES256' | 'KMS' | 'KMS_DSSE'; readonly kmsKey?: string };
  /** The repository policy's text. */
  readonly policy?: string;
  readonly lifecycle?: { readonly policy: string; readonly evaluatedAtMs?: number };
  readonly tags: Tags;
  readonly createdAtMs: number;
}

export type TagMutability = 'MUTABLE' | 'IMMUTABLE' | 'MUTABLE_WITH_EXCLUSION' | 'IMMUTABLE_WITH_EXCLUSION';

/** The settings of one region's registry: one row for each scope, made when something is first set. */
export interface RegistryRow extends Scope {
  /** The registry policy's text. */
  readonly policy?: string;
  readonly scanning?: {
    readonly scanType: 'BASIC' | 'ENHANCED';
    readonly rules: readonly {
      readonly scanFrequency: string;
      readonly filters: readonly { readonly filter: string; readonly filterType: string }[];
    }[];
  };
  readonly replication?: ReplicationSettings;
  /** PutAccountSetting: value by name. */
  readonly accountSettings?: Readonly<Record<string, string>>;
  /** ARNs of principals whose pulls do not count as a pull. */
  readonly pullTimeExclusions?: readonly string[];
}

/** As the registry keys its own rows: `account/region/name`. */
export function repositoryKey(scope: Scope, name: string): string {
  return `${scopeKey(scope)}/${name}`;
}

export const repositories = table<RepositoryRow>('ecr.repositories', (row) => repositoryKey(row, row.name), {
  scope: scopeKey,
});

export const registries = table<RegistryRow>('ecr.registries', scopeKey);

/** When ECR itself makes a repository. */
export type TemplateUse = 'PULL_THROUGH_CACHE' | 'REPLICATION' | 'CREATE_ON_PUSH';

/** What the repositories under a prefix are like that nobody made by CreateRepository. */
export interface CreationTemplateRow
  extends Scope, Pick<RepositoryRow, 'imageTagMutability' | 'mutabilityExclusions' | 'encryption' | 'policy' | 'tags'> {
  /** `team/web` for all that is under `team/web/`; `ROOT` for what no other prefix is of. */
  readonly prefix: string;
  readonly description?: string;
  readonly appliedFor: readonly TemplateUse[];
  /** The lifecycle policy's text. */
  readonly lifecyclePolicy?: string;
  /** Kept and shown: repositories are made without taking the role on. */
  readonly roleArn?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export function templateKey(scope: Scope, prefix: string): string {
  return `${scopeKey(scope)}/${prefix}`;
}

export const creationTemplates = table<CreationTemplateRow>(
  'ecr.creation-templates',
  (row) => templateKey(row, row.prefix),
  { scope: scopeKey },
);

/** The last preview of a lifecycle policy of a repository. */
export interface LifecyclePreviewRow extends Scope {
  readonly name: string;
  /** Of this preview: the next one has another. */
  readonly id: string;
  /** Of which repository: another may come under its name. */
  readonly repositoryCreatedAtMs: number;
  readonly policy: string;
  /** Left out while it is in progress. */
  readonly images?: readonly PreviewedImage[];
}

export interface PreviewedImage {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly pushedAtMs: number;
  readonly storageClass: 'STANDARD' | 'ARCHIVE';
  readonly action: 'EXPIRE' | 'ARCHIVE';
  readonly rulePriority: number;
}

export const lifecyclePreviews = table<LifecyclePreviewRow>('ecr.lifecycle-previews', (row) =>
  repositoryKey(row, row.name),
);

/** Whose images the repositories under a prefix are the cache of. */
export interface PullThroughRuleRow extends Scope {
  /** `quay` for all that is under `quay/`; `ROOT` for what no other prefix is of. */
  readonly prefix: string;
  /** As it was given: a host, or the URL of one. */
  readonly upstreamRegistryUrl: string;
  /** AWS's name of it, if it has one. */
  readonly upstreamRegistry?: UpstreamRegistry;
  /** What the upstream's repositories begin with; `ROOT` is nothing. */
  readonly upstreamPrefix: string;
  /** Of the secret in Secrets Manager with our credentials there. */
  readonly credentialArn?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export function pullThroughRuleKey(scope: Scope, prefix: string): string {
  return `${scopeKey(scope)}/${prefix}`;
}

export const pullThroughRules = table<PullThroughRuleRow>(
  'ecr.pull-through-rules',
  (row) => pullThroughRuleKey(row, row.prefix),
  { scope: scopeKey },
);

/** PutReplicationConfiguration. */
export interface ReplicationSettings {
  readonly rules: readonly ReplicationRuleRow[];
  /** What rules of before said that `rules` say too, each from its own time on: the newest of it. */
  readonly earlier?: readonly ReplicationRuleRow[];
}

/** One of PutReplicationConfiguration's rules. */
export interface ReplicationRuleRow {
  readonly destinations: readonly Scope[];
  /** What a repository's name begins with: one of them. Empty for every repository. */
  readonly prefixes: readonly string[];
  /** Images that were pushed before are not replicated. */
  readonly sinceMs: number;
}

/** How far an image has come to one destination. */
export interface ReplicaStatus extends Scope {
  readonly status: 'COMPLETE' | 'FAILED';
  readonly failureCode?: string;
  /** With when each was set: what the destination has been told. */
  readonly tags: Readonly<Record<string, number>>;
}

/** What has become of one image of one repository. */
export interface ReplicationRow {
  /** `account/region/name@digest`, as the registry keys the image. */
  readonly image: string;
  readonly destinations: readonly ReplicaStatus[];
  /** The image came here by replication: it goes no further. */
  readonly isReplica?: true;
}

export const replications = table<ReplicationRow>('ecr.replications', (row) => row.image);

/** The last scan of one image. */
export interface ScanRow {
  /** `account/region/name@digest`, as the registry keys the image. */
  readonly image: string;
  /** Of which image: the same digest may be deleted and pushed again. */
  readonly pushedAtMs: number;
  readonly startedAtMs: number;
  readonly status: 'IN_PROGRESS' | 'COMPLETE' | 'FAILED';
  readonly description?: string;
  /** Of the last one that was completed, whatever came after. */
  readonly summary?: ScanSummary;
}

export interface ScanSummary {
  readonly completedAtMs: number;
  readonly sourceUpdatedAtMs?: number;
  /** By severity; what has none is left out. */
  readonly counts: Readonly<Partial<Record<FindingSeverity, number>>>;
}

export const scans = table<ScanRow>('ecr.scans', (row) => row.image);

/** What was found, apart: images are described without it. */
export interface ScanFindingsRow {
  readonly image: string;
  /** The worst first. */
  readonly findings: readonly ScanFinding[];
}

export interface ScanFinding {
  /** `CVE-...`, mostly. */
  readonly name: string;
  readonly severity: FindingSeverity;
  readonly description?: string;
  readonly uri?: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export const scanFindings = table<ScanFindingsRow>('ecr.scan-findings', (row) => row.image);

/** A replication of what was there before the rules, to one destination. */
export interface BackfillRow extends Scope {
  /** A UUID. */
  readonly id: string;
  readonly destination: Scope;
  /** What is pushed while a backfill is stopped is not waited for: it is never STOPPING. */
  readonly status: 'PREPARING' | 'IN_PROGRESS' | 'COMPLETE' | 'FAILED' | 'STOPPED';
  readonly failureCode?: string;
  /** The repository and the image that were looked at last; left out once all were. */
  readonly preparedTo?: { readonly name: string; readonly digest?: string };
  /** Replications found. */
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  /** Each once. */
  readonly failureCodes: readonly string[];
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
}

export const backfills = table<BackfillRow>('ecr.backfills', (row) => row.id, { scope: scopeKey });

/** One image under one of its tags, or an image without any, of a backfill. */
export interface BackfillReplicationRow {
  readonly backfill: string;
  /** From 0, in the order in which they are done. */
  readonly sequence: number;
  readonly repositoryName: string;
  readonly digest: string;
  readonly tag?: string;
  /** The image is a manifest list. */
  readonly isIndex?: true;
  /** Left out until it was tried. */
  readonly status?: 'COMPLETE' | 'FAILED';
  readonly failureCode?: string;
}

export function backfillReplicationKey(backfill: string, sequence: number): string {
  return `${backfill}/${String(sequence).padStart(10, '0')}`;
}

/** `result` is of those that were tried: of the backfill, and of the backfill and how it went. */
export const backfillReplications = table<BackfillReplicationRow>(
  'ecr.backfill-replications',
  (row) => backfillReplicationKey(row.backfill, row.sequence),
  { result: ({ backfill, status }) => status && [backfill, `${backfill}/${status}`] },
);
