import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeNetworkInterfacesCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import type { Check } from './checks.ts';
import { tryConnect } from './http.ts';
import { findGroup, fromAnywhere } from './security-groups.ts';
import { tasksOfService } from './service.ts';
import { type SiteSession, must, sessionWait } from './session.ts';
import { SITE_PORT } from './site.ts';

const CONNECT_TIMEOUT_MS = 1500;
const RULE_TIMEOUT_MS = 15_000;

/**
 * A task's public address does not answer from here, since its group lets in the load balancer only. That this is the
 * group's doing is seen by opening it to everyone for a moment: then the task answers.
 */
export const ISOLATION_CHECK: Check = {
  title: 'a direct request to a task is refused by its security group',
  see: async (session) => {
    const address = await publicAddressOfTask(session);
    const closed = await untilClosed(session, address);
    const GroupId = must(await findGroup(session, session.site.backendGroup), 'the security group of the tasks');
    const rule = { GroupId, IpPermissions: [fromAnywhere(SITE_PORT)] };
    await session.clients.ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
    try {
      await sessionWait(session, `${address}:${SITE_PORT} answers while its group is open`, RULE_TIMEOUT_MS, async () =>
        (await tryConnect(address, SITE_PORT, CONNECT_TIMEOUT_MS)) === 'open' ? true : undefined,
      );
    } finally {
      await session.clients.ec2.send(new RevokeSecurityGroupIngressCommand(rule));
    }
    await untilClosed(session, address);
    return `${address}:${SITE_PORT}: ${closed}; open only while the group is`;
  },
};

function untilClosed(session: SiteSession, address: string): Promise<string> {
  return sessionWait(session, `${address}:${SITE_PORT} is closed to this host`, RULE_TIMEOUT_MS, async () => {
    const result = await tryConnect(address, SITE_PORT, CONNECT_TIMEOUT_MS);
    return result === 'open' ? undefined : result;
  });
}

async function publicAddressOfTask(session: SiteSession): Promise<string> {
  const [task] = await tasksOfService(session, 'RUNNING');
  const interfaceId = task?.attachments
    ?.flatMap((attachment) => attachment.details ?? [])
    .find((detail) => detail.name === 'networkInterfaceId')?.value;
  const { NetworkInterfaces } = await session.clients.ec2.send(
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [must(interfaceId, 'networkInterfaceId')] }),
  );
  return must(NetworkInterfaces?.[0]?.Association?.PublicIp, 'the public address of the task');
}
