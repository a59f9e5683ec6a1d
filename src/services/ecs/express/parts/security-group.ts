import { balancerGroupName, taskGroupName } from '../names.ts';
import type { PartWork } from '../site.ts';
import { managedTags } from '../site.ts';
import { ensureGroup, findGroup, removeGroup } from './groups.ts';

/** Lets the load balancer, and nobody else, reach the tasks' port. */
export const securityGroup: PartWork = {
  wish: ({ wish }) => wish.containerPort,
  async make(site) {
    const GroupId = await findGroup(site, balancerGroupName(site.gateway.id));
    if (GroupId === undefined) return false;
    const { containerPort: port } = site.wish;
    await ensureGroup(
      site,
      taskGroupName(site.row.id),
      { IpProtocol: 'tcp', FromPort: port, ToPort: port, UserIdGroupPairs: [{ GroupId }] },
      managedTags(site.row),
    );
    return true;
  },
  remove: (site) => removeGroup(site, taskGroupName(site.row.id)),
};
