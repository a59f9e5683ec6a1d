import type { CreateServiceLinkedRoleRequest, DeletionTaskFailureReasonType } from '@aws-sdk/client-iam';
import { formatArn } from '../../../kernel/arn.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { deletionTasks, type DeletionTaskRow } from '../deletion-tasks.ts';
import { LINKED_ROLE_PATH, linkedRoleName, linkedService, type LinkedService } from '../domain/linked-services.ts';
import { checkLength, checkName } from '../domain/names.ts';
import { checkRoleDescription } from '../domain/role-rules.ts';
import { invalidInput, noSuchEntity } from '../errors.ts';
import { linkedRole } from '../linked-role.ts';
import { operation } from '../operation.ts';
import { requireRole, roleResource } from '../role-lookup.ts';
import { createdRole } from '../role-views.ts';
import { iamKey, roles } from '../tables.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html */
export const CreateServiceLinkedRole = operation('CreateServiceLinkedRole', {
  resources: (input, { account }) => [linkedRoleArn(account, input)],
  conditions: ({ AWSServiceName: service }) => (service === undefined ? {} : { 'iam:awsservicename': service }),
  handle: async (ctx, input) => {
    const { account, now, ids } = ctx;
    const { CustomSuffix: suffix, Description: description } = input;
    const service = requireService(input);
    const row = linkedRole(service, {
      account,
      now,
      ids,
      ...(suffix !== undefined && { suffix }),
      ...(description !== undefined && { description: checkRoleDescription(description) }),
    });
    checkName('role', row.name);
    await ctx.write(async (tx) => {
      if (await tx.get(roles, iamKey(account, row.name))) {
        const taken = `Service role name ${row.name} has been taken in this account`;
        throw invalidInput(`${taken}, please try a different suffix.`);
      }
      await tx.put(roles, row);
    });
    return { Role: createdRole(row) };
  },
});

function linkedRoleArn(
  account: string,
  { AWSServiceName: principal = '', CustomSuffix: suffix }: CreateServiceLinkedRoleRequest,
): string {
  const service = linkedService(principal);
  const name = service ? linkedRoleName(service, suffix) : '*';
  return formatArn('iam', { account }, `role${LINKED_ROLE_PATH}${principal}/${name}`);
}

function requireService({
  AWSServiceName: principal = '',
  CustomSuffix,
}: CreateServiceLinkedRoleRequest): LinkedService {
  checkName('policy', principal, 'aWSServiceName'); // The model gives it 128 characters of a name's.
  const service = linkedService(principal);
  if (!service) throw invalidInput(`${principal} is not a service with a service-linked role here.`);
  if (CustomSuffix === undefined) return service;
  checkName('role', CustomSuffix, 'customSuffix');
  if (!service.suffixes) throw invalidInput(`Custom suffix is not allowed for ${principal}`);
  return service;
}

/**
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html; reconcilers/role-deletion.ts does
 * it. A request that is not through yet is answered again.
 */
export const DeleteServiceLinkedRole = operation('DeleteServiceLinkedRole', {
  resources: roleResource,
  handle: async (ctx, input) => {
    const uuid = ctx.ids.uuid();
    const task = await ctx.write(async (tx) => {
      const { account, name, id, linkedService: service } = await requireRole(tx, ctx.account, input.RoleName);
      if (service === undefined) throw noSuchEntity('service-linked role', name);
      const asked = await tx.list(deletionTasks, { where: ['role', iamKey(account, name)] });
      return (
        asked.find((one) => one.roleId === id && one.status === 'IN_PROGRESS') ??
        tx.put(deletionTasks, {
          id: `task${LINKED_ROLE_PATH}${service}/${name}/${uuid}`,
          account,
          roleName: name,
          roleId: id,
          service,
          requestedAtMs: ctx.now,
          status: 'IN_PROGRESS',
        })
      );
    });
    return { DeletionTaskId: task.id };
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLinkedRoleDeletionStatus.html */
export const GetServiceLinkedRoleDeletionStatus = operation('GetServiceLinkedRoleDeletionStatus', {
  resources: ({ DeletionTaskId: id = '' }, { account }) => [
    formatArn('iam', { account }, id.replace(/^task\//, 'role/').replace(/\/[^/]*$/, '')),
  ],
  readOnly: true,
  handle: async (ctx, { DeletionTaskId: id = '' }) => {
    checkLength(id, 'deletionTaskId', 1000, 1);
    const task = await ctx.read((tx) => tx.get(deletionTasks, id));
    if (task?.account !== ctx.account) {
      throw new ServiceError('NoSuchEntityException', `Deletion task ${id} cannot be found.`, { httpStatus: 404 });
    }
    return { Status: task.status, ...(task.uses && { Reason: failureReason(task, task.uses) }) };
  },
});

function failureReason(
  { roleName, service }: DeletionTaskRow,
  uses: NonNullable<DeletionTaskRow['uses']>,
): DeletionTaskFailureReasonType {
  return {
    Reason: `${roleName} is still in use: delete these resources of ${service} first.`,
    RoleUsageList: uses.map(({ region, resources }) => ({ Region: region, Resources: [...resources] })),
  };
}
