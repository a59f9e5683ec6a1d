import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { deletionTasks, type DeletionTaskRow, type RoleUse } from '../deletion-tasks.ts';
import { forgetUses } from '../last-use.ts';
import { roleUses } from '../role-usage.ts';
import { iamKey, roles } from '../tables.ts';

const RESYNC_MS = 600_000;

interface Action {
  readonly type: 'delete-role';
  readonly task: DeletionTaskRow;
}

/** Deletes service-linked roles as asked, once their services have nothing left; else the request fails and says what is left. */
export function roleDeletionReconciler(env: ServiceEnvironment<unknown>): Reconciler<DeletionTaskRow, Action> {
  return {
    name: 'iam.role-deletion',
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === deletionTasks.name && !change.deleted ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(deletionTasks, { where: ['status', 'IN_PROGRESS'] })).map((task) => task.id),
    observe: async (tx, key) => {
      const task = await tx.get(deletionTasks, key);
      return task?.status === 'IN_PROGRESS' ? task : undefined;
    },
    plan: (task) => ({
      actions: [{ type: 'delete-role', task }],
      why: `The deletion of ${task.roleName} was asked for.`,
    }),
    async apply({ task }) {
      const uses = await roleUses(task.account, task.service, env.callIn);
      await finish(env, task, uses);
    },
  };
}

async function finish(
  env: ServiceEnvironment<unknown>,
  { id }: DeletionTaskRow,
  uses: readonly RoleUse[],
): Promise<void> {
  await env.store.write(async (tx) => {
    const task = await tx.get(deletionTasks, id);
    if (task?.status !== 'IN_PROGRESS') return;
    if (uses.length > 0) {
      await tx.put(deletionTasks, { ...task, status: 'FAILED', uses });
      return;
    }
    const key = iamKey(task.account, task.roleName);
    if ((await tx.get(roles, key))?.id === task.roleId) await tx.delete(roles, key);
    await forgetUses(tx, task.roleId);
    await tx.put(deletionTasks, { ...task, status: 'SUCCEEDED' });
  });
}
