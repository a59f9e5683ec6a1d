import type { PartWork } from '../site.ts';
import { managedTagMap, unless } from '../site.ts';

/** The log group of a service that was given none. */
export const logGroup: PartWork = {
  wish: ({ row }) => row.logGroup ?? 'none',
  async make({ call, row }) {
    if (row.logGroup === undefined) return true;
    const input = { logGroupName: row.logGroup, tags: managedTagMap(row) };
    await unless(call('logs', 'CreateLogGroup', input), 'ResourceAlreadyExistsException');
    return true;
  },
  async remove({ call, row }) {
    if (row.logGroup === undefined) return true;
    await unless(call('logs', 'DeleteLogGroup', { logGroupName: row.logGroup }), 'ResourceNotFoundException');
    return true;
  },
};
