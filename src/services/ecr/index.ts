import type { Service } from '../../api/service.ts';
import type { EcrPorts } from './operation.ts';
import * as accountSettings from './operations/account-settings.ts';
import * as authorization from './operations/authorization.ts';
import * as backfillOperations from './operations/backfills.ts';
import * as batchDeleteImage from './operations/batch-delete-image.ts';
import * as imageReferrers from './operations/image-referrers.ts';
import * as imageStorageClass from './operations/image-storage-class.ts';
import * as layerUploads from './operations/layer-uploads.ts';
import * as creationTemplateOperations from './operations/creation-templates.ts';
import * as imageLists from './operations/image-lists.ts';
import * as imageScans from './operations/image-scans.ts';
import * as images from './operations/images.ts';
import * as layers from './operations/layers.ts';
import * as pullThroughCache from './operations/pull-through-cache.ts';
import * as pullTimeExclusions from './operations/pull-time-exclusions.ts';
import * as lifecyclePolicies from './operations/lifecycle-policies.ts';
import * as lifecyclePreviewOperations from './operations/lifecycle-previews.ts';
import * as registry from './operations/registry.ts';
import * as registryPolicies from './operations/registry-policies.ts';
import * as replicationOperations from './operations/replication.ts';
import * as repositoryOperations from './operations/repositories.ts';
import * as repositoryPolicies from './operations/repository-policies.ts';
import * as scanningConfiguration from './operations/scanning-configuration.ts';
import * as tagging from './operations/tags.ts';
import { backfillsReconciler } from './reconcilers/backfills.ts';
import { lifecyclePreviewReconciler } from './reconcilers/lifecycle-preview.ts';
import { lifecycleReconciler } from './reconcilers/lifecycle.ts';
import { importsReconciler } from './reconcilers/imports.ts';
import { replicationReconciler } from './reconcilers/replication.ts';
import { scansReconciler } from './reconcilers/scans.ts';
import { spaceReconciler } from './reconcilers/space.ts';
import { policyOnArn } from './registries.ts';
import { tagsOfArn } from './repositories.ts';
import {
  backfillReplications,
  backfills,
  creationTemplates,
  lifecyclePreviews,
  pullThroughRules,
  registries,
  replications,
  repositories,
  scanFindings,
  scans,
} from './tables.ts';

export const ecr: Service<EcrPorts> = {
  name: 'ecr',
  principal: 'ecr.amazonaws.com',
  operations: {
    ...accountSettings,
    ...authorization,
    ...backfillOperations,
    ...batchDeleteImage,
    ...creationTemplateOperations,
    ...imageLists,
    ...imageReferrers,
    ...imageScans,
    ...imageStorageClass,
    ...layerUploads,
    ...images,
    ...layers,
    ...lifecyclePolicies,
    ...lifecyclePreviewOperations,
    ...pullThroughCache,
    ...pullTimeExclusions,
    ...registry,
    ...registryPolicies,
    ...replicationOperations,
    ...repositoryOperations,
    ...repositoryPolicies,
    ...scanningConfiguration,
    ...tagging,
  },
  tables: [
    repositories,
    registries,
    creationTemplates,
    lifecyclePreviews,
    pullThroughRules,
    replications,
    backfills,
    backfillReplications,
    scans,
    scanFindings,
  ],
  resourceTags: tagsOfArn,
  resourcePolicy: policyOnArn,
  reconcilers: (env) => [
    lifecycleReconciler(env),
    lifecyclePreviewReconciler(env),
    importsReconciler(env),
    replicationReconciler(env, 'here'),
    replicationReconciler(env, 'elsewhere'),
    backfillsReconciler(env),
    scansReconciler(env),
    spaceReconciler(env),
  ],
};

export { ScanFailed, isImageScanner } from './image-scanner.ts';
export type { ImageScanner, ImageToScan, ScanReport } from './image-scanner.ts';
export type { ScanFinding } from './tables.ts';
export { countsAsPull } from './pull-times.ts';
export { ecrUpstreams } from './pull-through-rules.ts';
export { upstreamCredentials } from './upstream-credentials.ts';
export { ecrRepositories } from './repositories.ts';
export type { ImageToPush, ReplicationTargets } from './replication-targets.ts';
export type { EcrPorts } from './operation.ts';
