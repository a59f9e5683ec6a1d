import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { unless } from '../clients.ts';
import { CAPACITY } from './capacity.ts';
import type { Session } from './session.ts';

/** What the agent of an instance may do: register with ECS, pull, send log lines. */
export const AGENT_POLICY = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';

/** Instances, and nobody else, may take the role on. */
export const INSTANCE_TRUST_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

const ROLE = { RoleName: CAPACITY.role };
/** As the console calls it: like its role. */
const PROFILE = { InstanceProfileName: CAPACITY.role };
const THERE = ['EntityAlreadyExistsException'];
const GONE = ['NoSuchEntityException'];

/** The role, and the instance profile that hands it to instances. */
export async function ensureInstanceRole({ clients: { iam } }: Session): Promise<void> {
  const AssumeRolePolicyDocument = INSTANCE_TRUST_POLICY;
  await unless(THERE, iam.send(new CreateRoleCommand({ ...ROLE, AssumeRolePolicyDocument })));
  await iam.send(new AttachRolePolicyCommand({ ...ROLE, PolicyArn: AGENT_POLICY }));
  await unless(THERE, iam.send(new CreateInstanceProfileCommand(PROFILE)));
  // A profile holds one role: it is the one that is in it already.
  await unless(['LimitExceededException'], iam.send(new AddRoleToInstanceProfileCommand({ ...PROFILE, ...ROLE })));
}

export async function deleteInstanceRole({ clients: { iam } }: Session): Promise<void> {
  await unless(GONE, iam.send(new RemoveRoleFromInstanceProfileCommand({ ...PROFILE, ...ROLE })));
  await unless(GONE, iam.send(new DeleteInstanceProfileCommand(PROFILE)));
  await unless(GONE, iam.send(new DetachRolePolicyCommand({ ...ROLE, PolicyArn: AGENT_POLICY })));
  await unless(GONE, iam.send(new DeleteRoleCommand(ROLE)));
}
