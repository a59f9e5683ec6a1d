import {
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  DeleteLaunchTemplateCommand,
  type RequestLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { unless } from '../clients.ts';
import { CAPACITY, IMAGE_PARAMETER, userDataOf } from './capacity.ts';
import type { Placement } from './security-groups.ts';
import { type Session, type SiteSession, must, sessionWait } from './session.ts';

const GONE_TIMEOUT_MS = 90_000;

/** Of 1 to 3 instances that join the cluster as they boot, over both zones; answers its ARN. */
export async function ensureAutoScalingGroup(session: SiteSession, placement: Placement): Promise<string> {
  const { ec2, autoscaling } = session.clients;
  const found = await findAutoScalingGroup(session);
  if (found) return must(found.AutoScalingGroupARN, 'AutoScalingGroupARN');
  const LaunchTemplateData = launchDataOf(await imageOf(session), session.site.cluster, placement);
  await unless(
    ['InvalidLaunchTemplateName.AlreadyExistsException'],
    ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: CAPACITY.launchTemplate, LaunchTemplateData })),
  );
  await autoscaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: CAPACITY.group,
      LaunchTemplate: { LaunchTemplateName: CAPACITY.launchTemplate, Version: '$Latest' },
      MinSize: CAPACITY.minSize,
      MaxSize: CAPACITY.maxSize,
      VPCZoneIdentifier: placement.subnetIds.join(','),
      // ECS takes the protection off those that have no task.
      NewInstancesProtectedFromScaleIn: true,
    }),
  );
  return must((await findAutoScalingGroup(session))?.AutoScalingGroupARN, 'AutoScalingGroupARN');
}

export function launchDataOf(
  imageId: string,
  cluster: string,
  placement: Placement,
): RequestLaunchTemplateData & { readonly ImageId: string } {
  return {
    ImageId: imageId,
    InstanceType: CAPACITY.instanceType,
    SecurityGroupIds: [placement.backendGroupId],
    IamInstanceProfile: { Name: CAPACITY.role },
    UserData: Buffer.from(userDataOf(cluster)).toString('base64'),
  };
}

export async function imageOf({ clients }: Session): Promise<string> {
  const { Parameter } = await clients.ssm.send(new GetParameterCommand({ Name: IMAGE_PARAMETER }));
  return must(Parameter?.Value, `the value of ${IMAGE_PARAMETER}`);
}

export async function findAutoScalingGroup({ clients }: Session): Promise<AutoScalingGroup | undefined> {
  const { AutoScalingGroups = [] } = await clients.autoscaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [CAPACITY.group] }),
  );
  return AutoScalingGroups[0];
}

/** With its instances, and the template that they were launched from. */
export async function deleteAutoScalingGroup(session: Session): Promise<void> {
  const { autoscaling, ec2 } = session.clients;
  if (await findAutoScalingGroup(session)) {
    await autoscaling.send(
      new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: CAPACITY.group, ForceDelete: true }),
    );
    await sessionWait(session, 'the Auto Scaling group is gone', GONE_TIMEOUT_MS, async () =>
      (await findAutoScalingGroup(session)) ? undefined : true,
    );
  }
  await unless(
    ['InvalidLaunchTemplateName.NotFoundException'],
    ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: CAPACITY.launchTemplate })),
  );
}
