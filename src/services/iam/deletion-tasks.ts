import { table } from '../../store/store.ts';
import { iamKey } from './tables.ts';

/** A request to delete a service-linked role. */
export interface DeletionTaskRow {
  /** `task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/UUID` */
  readonly id: string;
  readonly account: string;
  readonly roleName: string;
  /** `AROA...`: a role made anew under the same name is another one. */
  readonly roleId: string;
  /** The service's principal. */
  readonly service: string;
  readonly requestedAtMs: number;
  readonly status: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED';
  /** What keeps a failed one from being deleted. */
  readonly uses?: readonly RoleUse[];
}

/** What a service still has in one region. */
export interface RoleUse {
  readonly region: string;
  /** ARNs */
  readonly resources: readonly string[];
}

export const deletionTasks = table<DeletionTaskRow>('iam.role-deletion-tasks', (row) => row.id, {
  account: (row) => row.account,
  role: (row) => iamKey(row.account, row.roleName),
  status: (row) => row.status,
});
