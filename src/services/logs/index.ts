import type { Service } from '../../api/service.ts';
import { DescribeLogGroups } from './operations/describe-log-groups.ts';
import { FilterLogEvents } from './operations/filter-log-events.ts';
import { GetLogEvents } from './operations/get-log-events.ts';
import {
  CreateLogGroup,
  DeleteLogGroup,
  DeleteRetentionPolicy,
  PutLogGroupDeletionProtection,
  PutRetentionPolicy,
} from './operations/log-groups.ts';
import { CreateLogStream, DeleteLogStream, DescribeLogStreams } from './operations/log-streams.ts';
import { ListLogGroups } from './operations/list-log-groups.ts';
import { PutLogEvents } from './operations/put-log-events.ts';
import { StartLiveTail } from './operations/start-live-tail.ts';
import { TestMetricFilter } from './operations/test-metric-filter.ts';
import * as tagOperations from './operations/tags.ts';
import { deletedStreamReconciler } from './reconcilers/deleted-stream.ts';
import { retentionReconciler } from './reconcilers/retention.ts';
import type { LogsPorts } from './ports.ts';
import { tagsOfArn } from './resource-tags.ts';
import { batches, deletedStreams, logGroups, logStreams } from './tables.ts';

/** Amazon CloudWatch Logs: groups, streams, events and filters. */
export type { LogsPorts } from './ports.ts';

export const logs: Service<LogsPorts> = {
  name: 'logs',
  principal: 'logs.amazonaws.com',
  operations: {
    CreateLogGroup,
    CreateLogStream,
    DeleteLogGroup,
    DeleteLogStream,
    DeleteRetentionPolicy,
    DescribeLogGroups,
    DescribeLogStreams,
    FilterLogEvents,
    GetLogEvents,
    ListLogGroups,
    PutLogEvents,
    PutLogGroupDeletionProtection,
    PutRetentionPolicy,
    StartLiveTail,
    TestMetricFilter,
    ...tagOperations,
  },
  tables: [logGroups, logStreams, batches, deletedStreams],
  resourceTags: tagsOfArn,
  reconcilers: (env) => [retentionReconciler(env), deletedStreamReconciler(env)],
};
