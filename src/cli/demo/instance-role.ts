import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { unless } from '../clients.ts';
import { CAPACITY } from './capacity.ts';
import { type ServiceRole, deleteRole, ensureRole, trustOf } from './service-role.ts';
import type { Session } from './session.ts';

/** What the agent of an instance may do: register with ECS, pull, send log lines. */
export const INSTANCE_ROLE: ServiceRole = {
  name: CAPACITY.role,
  trustPolicy: trustOf('ec2.amazonaws.com'),
  policyArn: 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role',
};

/** As the console calls it: like its role. */
const PROFILE = { InstanceProfileName: CAPACITY.role };
const IN_PROFILE = { ...PROFILE, RoleName: CAPACITY.role };
const GONE = ['NoSuchEntityException'];

/** The role, and the instance profile that hands it to instances. */
export async function ensureInstanceRole(session: Session): Promise<void> {
  const { iam } = session.clients;
  await ensureRole(session, INSTANCE_ROLE);
  await unless(['EntityAlreadyExistsException'], iam.send(new CreateInstanceProfileCommand(PROFILE)));
  // A profile holds one role: it is the one that is in it already.
  await unless(['LimitExceededException'], iam.send(new AddRoleToInstanceProfileCommand(IN_PROFILE)));
}

export async function deleteInstanceRole(session: Session): Promise<void> {
  const { iam } = session.clients;
  await unless(GONE, iam.send(new RemoveRoleFromInstanceProfileCommand(IN_PROFILE)));
  await unless(GONE, iam.send(new DeleteInstanceProfileCommand(PROFILE)));
  await deleteRole(session, INSTANCE_ROLE);
}
