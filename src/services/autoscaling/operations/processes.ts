import { isProcess, PROCESSES, runs, type Process } from '../domain/processes.ts';
import { invalid } from '../errors.ts';
import { groupResource, liveGroup } from '../lookup.ts';
import { operation } from '../operation.ts';
import { takeDue } from '../schedule.ts';
import { groupKey, groups, scheduledActions, type GroupRow } from '../tables.ts';

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SuspendProcesses.html */
export const SuspendProcesses = operation('SuspendProcesses', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name, ScalingProcesses }) => {
    const named = processesOf(ScalingProcesses);
    const reason = `User suspended at ${new Date(ctx.now).toISOString().slice(0, 19)}Z`;
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      const added = named.filter((process) => !group.suspended.some((one) => one.process === process));
      const suspended = [...group.suspended, ...added.map((process) => ({ process, reason }))];
      await tx.put<GroupRow>(groups, { ...group, suspended });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ResumeProcesses.html */
export const ResumeProcesses = operation('ResumeProcesses', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name, ScalingProcesses }) => {
    const named = processesOf(ScalingProcesses);
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      const suspended = group.suspended.filter(({ process }) => !named.includes(process));
      // What was due meanwhile is not done later.
      if (!runs(group, 'ScheduledActions') && runs({ suspended }, 'ScheduledActions')) {
        await takeDue(tx, await tx.list(scheduledActions, { where: ['group', groupKey(group)] }), ctx.now);
      }
      await tx.put<GroupRow>(groups, { ...group, suspended });
    });
    return {};
  },
});

/** None named: all. */
function processesOf(names: readonly string[] = []): readonly Process[] {
  if (names.length === 0) return PROCESSES;
  return names.map((name) => {
    if (!isProcess(name))
      throw invalid(`Invalid process name: ${name}. Valid process names are: ${PROCESSES.join(', ')}`);
    return name;
  });
}
