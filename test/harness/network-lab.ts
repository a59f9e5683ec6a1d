import { CreateSecurityGroupCommand, DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import type { Task } from '@aws-sdk/client-ecs';
import { containerOf } from './host.ts';
import { run } from './run.ts';
import { given } from './site-parts.ts';
import { detailOf } from './site.ts';
import type { TaskLab } from './task-lab.ts';
import { until } from './until.ts';

export interface Placing {
  readonly subnetId: string;
  readonly groupIds: readonly string[];
  readonly publicIp?: boolean;
}

/** A running task with web servers on 80 and 81 (all pages: `ok`), from which scripts look at the network. */
export class NetworkTask {
  readonly task: Task;
  readonly privateIp: string;
  readonly publicIp: string;
  readonly #lab: TaskLab;

  private constructor(lab: TaskLab, task: Task, publicIp: string) {
    this.#lab = lab;
    this.task = task;
    this.privateIp = detailOf(task, 'privateIPv4Address');
    this.publicIp = publicIp;
  }

  /** Answers once both web servers do. */
  static async start(lab: TaskLab, { subnetId, groupIds, publicIp = true }: Placing): Promise<NetworkTask> {
    const script = [
      'mkdir -p /www && echo ok > /www/index.html',
      'for port in 80 81; do httpd -p $port -h /www; done',
      "trap 'exit 0' TERM; while true; do sleep 1 & wait $!; done",
    ].join('\n');
    const task = await lab.running(
      { containers: { web: { run: script } } },
      {
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: [subnetId],
            securityGroups: [...groupIds],
            assignPublicIp: publicIp ? 'ENABLED' : 'DISABLED',
          },
        },
      },
    );
    const interfaceId = detailOf(task, 'networkInterfaceId');
    const { NetworkInterfaces } = await lab.clients.ec2.send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [interfaceId] }),
    );
    const started = new NetworkTask(lab, task, NetworkInterfaces?.[0]?.Association?.PublicIp ?? '');
    for (const port of [80, 81]) await until(`it serves port ${port}`, () => started.reaches('127.0.0.1', port));
    return started;
  }

  /** What a script in the container prints; errors are part of it. */
  async runs(script: string): Promise<string> {
    const { id } = await containerOf(await this.#lab.server.instanceId(), this.task.taskArn);
    const { stdout, stderr } = await run('docker', ['exec', id, '/bin/sh', '-c', script]);
    return `${stdout}${stderr}`.trim();
  }

  /** Whether a port of an address takes connections. */
  async reaches(address: string, port = 80): Promise<boolean> {
    return (await this.runs(`timeout 1 wget -q -O - http://${address}:${port}/ 2>/dev/null || true`)) === 'ok';
  }

  async pings(address: string): Promise<boolean> {
    return (await this.runs(`ping -c 1 -W 1 ${address}`)).includes('1 packets received');
  }

  /** Whether a UDP packet gets there: then the other side says that nothing listens. */
  async reachesOverUdp(address: string): Promise<boolean> {
    return (await this.runs(`traceroute -n -q 1 -w 1 -f 3 -m 3 ${address}`)).includes(`3  ${address}`);
  }
}

/** Everything may leave the members of a new group, and nothing may enter. */
export async function newGroup({ clients }: TaskLab, vpcId: string, name: string): Promise<string> {
  const made = await clients.ec2.send(
    new CreateSecurityGroupCommand({ GroupName: name, Description: name, VpcId: vpcId }),
  );
  return given(made.GroupId, 'GroupId');
}
