import type { Service } from '../../api/service.ts';
import { DescribeLogGroups } from './operations/describe-log-groups.ts';
import { FilterLogEvents } from './operations/filter-log-events.ts';
import { GetLogEvents } from './operations/get-log-events.ts';
import { CreateLogGroup, DeleteLogGroup, DeleteRetentionPolicy, PutRetentionPolicy } from './operations/log-groups.ts';
import { CreateLogStream, DeleteLogStream, DescribeLogStreams } from './operations/log-streams.ts';
import { PutLogEvents } from './operations/put-log-events.ts';
import * as tagOperations from './operations/tags.ts';
import { deletedStreamReconciler } from './reconcilers/deleted-stream.ts';
import { retentionReconciler } from './reconcilers/retention.ts';
import { tagsOfArn } from './resource-tags.ts';
import { batches, deletedStreams, logGroups, logStreams } from './tables.ts';

/** Amazon CloudWatch Logs: groups, streams, events and filters. */
export const logs: Service = {
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
    PutLogEvents,
    PutRetentionPolicy,
    ...tagOperations,
  },
  tables: [logGroups, logStreams, batches, deletedStreams],
  resourceTags: tagsOfArn,
  reconcilers: (env) => [retentionReconciler(env), deletedStreamReconciler(env)],
};
