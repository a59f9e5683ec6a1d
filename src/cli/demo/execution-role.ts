import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
} from '@aws-sdk/client-iam';
import { unless } from '../clients.ts';
import { type Session, must } from './session.ts';
import { SHARED } from './site.ts';

/** What pulls the image and sends the log lines, with the permissions that AWS's own policy for it grants. */
export const EXECUTION_POLICY = 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy';

/** ECS's tasks, and nobody else, may take the role on. */
export const TRUST_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

const ROLE = { RoleName: SHARED.executionRole };

/** Answers the role's ARN. */
export async function ensureExecutionRole({ clients: { iam } }: Session): Promise<string> {
  const found = await unless(['NoSuchEntityException'], iam.send(new GetRoleCommand(ROLE)));
  const { Role } =
    found ?? (await iam.send(new CreateRoleCommand({ ...ROLE, AssumeRolePolicyDocument: TRUST_POLICY })));
  await iam.send(new AttachRolePolicyCommand({ ...ROLE, PolicyArn: EXECUTION_POLICY }));
  return must(Role?.Arn, 'the role’s ARN');
}

export async function deleteExecutionRole({ clients: { iam } }: Session): Promise<void> {
  await unless(
    ['NoSuchEntityException'],
    iam.send(new DetachRolePolicyCommand({ ...ROLE, PolicyArn: EXECUTION_POLICY })),
  );
  await unless(['NoSuchEntityException'], iam.send(new DeleteRoleCommand(ROLE)));
}
