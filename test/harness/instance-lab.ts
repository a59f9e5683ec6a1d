import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { DescribeContainerInstancesCommand, ListContainerInstancesCommand } from '@aws-sdk/client-ecs';
import type { ContainerInstance } from '@aws-sdk/client-ecs';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
} from '@aws-sdk/client-iam';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { trusting } from './roles.ts';
import { given } from './site-parts.ts';
import type { TaskLab } from './task-lab.ts';
import { until } from './until.ts';

const RECOMMENDED = '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id';
const AGENT_POLICY = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';

/** EC2 instances that join a lab's cluster. */
export class InstanceLab {
  readonly #lab: TaskLab;
  readonly #imageId: string;
  readonly #groupId: string;

  private constructor(lab: TaskLab, imageId: string, groupId: string) {
    this.#lab = lab;
    this.#imageId = imageId;
    this.#groupId = groupId;
  }

  static async open(lab: TaskLab): Promise<InstanceLab> {
    const { iam, ec2, ssm } = lab.clients;
    const RoleName = 'ecsInstanceRole';
    const AssumeRolePolicyDocument = trusting({ Service: 'ec2.amazonaws.com' });
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: AGENT_POLICY }));
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: RoleName }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: RoleName, RoleName }));
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: RECOMMENDED }));
    const name = `${lab.name}-instances`;
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: name, Description: name, VpcId: lab.placement.vpcId }),
    );
    const open = { IpProtocol: 'tcp', FromPort: 1024, ToPort: 65_535, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [open] }));
    return new InstanceLab(lab, given(Parameter?.Value, 'image'), given(GroupId, 'GroupId'));
  }

  /** What RunInstances and launch templates are given, but for the subnet. */
  launchData() {
    const script = `#!/bin/bash\necho ECS_CLUSTER=${this.#lab.name} >> /etc/ecs/ecs.config\n`;
    return {
      ImageId: this.#imageId,
      InstanceType: 't3.small' as const,
      SecurityGroupIds: [this.#groupId],
      IamInstanceProfile: { Name: 'ecsInstanceRole' },
      UserData: Buffer.from(script).toString('base64'),
    };
  }

  /** Launches one, in the first or the second zone; answers its id. */
  async launch(zone: 0 | 1 = 0, change: Partial<RunInstancesCommandInput> = {}): Promise<string> {
    const { Instances } = await this.#lab.clients.ec2.send(
      new RunInstancesCommand({
        ...this.launchData(),
        MinCount: 1,
        MaxCount: 1,
        SubnetId: this.#lab.placement.subnetIds[zone],
        ...change,
      }),
    );
    return given(Instances?.[0]?.InstanceId, 'InstanceId');
  }

  /** The container instance of an EC2 instance, once it has registered. */
  async joined(ec2InstanceId: string): Promise<ContainerInstance> {
    return until(`${ec2InstanceId} has registered`, async () => {
      const rows = await this.list(`ec2InstanceId == ${ec2InstanceId}`);
      return rows.find((one) => one.agentConnected);
    });
  }

  async list(filter?: string): Promise<ContainerInstance[]> {
    const { ecs } = this.#lab.clients;
    const cluster = this.#lab.name;
    const { containerInstanceArns = [] } = await ecs.send(new ListContainerInstancesCommand({ cluster, filter }));
    if (containerInstanceArns.length === 0) return [];
    const { containerInstances = [] } = await ecs.send(
      new DescribeContainerInstancesCommand({ cluster, containerInstances: containerInstanceArns }),
    );
    return containerInstances;
  }

  async describe(arn: string): Promise<ContainerInstance> {
    const { containerInstances } = await this.#lab.clients.ecs.send(
      new DescribeContainerInstancesCommand({ cluster: this.#lab.name, containerInstances: [arn] }),
    );
    return given(containerInstances?.[0], 'container instance');
  }

  async publicIp(ec2InstanceId: string): Promise<string> {
    return given((await this.#ec2(ec2InstanceId))?.PublicIpAddress, 'PublicIpAddress');
  }

  /** As EC2 names it, e.g. `running`. */
  async state(ec2InstanceId: string): Promise<string> {
    return given((await this.#ec2(ec2InstanceId))?.State?.Name, 'state');
  }

  async #ec2(ec2InstanceId: string) {
    const { Reservations } = await this.#lab.clients.ec2.send(
      new DescribeInstancesCommand({ InstanceIds: [ec2InstanceId] }),
    );
    return Reservations?.[0]?.Instances?.[0];
  }
}
