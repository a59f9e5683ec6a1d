import type { Service } from '../../api/service.ts';
import type { CloudTrailPorts } from './operation.ts';
import * as describeTrails from './operations/describe-trails.ts';
import * as eventSelectors from './operations/event-selectors.ts';
import * as logging from './operations/logging.ts';
import { LookupEvents } from './operations/lookup-events.ts';
import { ListPublicKeys } from './operations/public-keys.ts';
import * as tagOperations from './operations/tags.ts';
import * as trailOperations from './operations/trails.ts';
import { digestsReconciler } from './reconcilers/digests.ts';
import { logFilesReconciler } from './reconcilers/log-files.ts';
import { logGroupReconciler } from './reconcilers/log-group.ts';
import { retentionReconciler } from './reconcilers/retention.ts';
import { deliveredFiles, deliveries, digestChains, signingKeys, trails } from './tables.ts';

/** AWS CloudTrail: who did what. Its events are in a store of their own (`ports.events`), its trails with the server's state. */
export const cloudtrail: Service<CloudTrailPorts> = {
  name: 'cloudtrail',
  principal: 'cloudtrail.amazonaws.com',
  operations: {
    LookupEvents,
    ListPublicKeys,
    ...trailOperations,
    ...describeTrails,
    ...logging,
    ...eventSelectors,
    ...tagOperations,
  },
  tables: [trails, deliveries, deliveredFiles, digestChains, signingKeys],
  reconcilers: (env) => [
    logFilesReconciler(env),
    logGroupReconciler(env),
    digestsReconciler(env),
    retentionReconciler(env),
  ],
  resourceTags: async (tx, arn) => (await tx.get(trails, arn))?.tags,
};

export { openAuditJournal, type AuditJournal } from './journal.ts';
export type { CloudTrailPorts } from './operation.ts';
