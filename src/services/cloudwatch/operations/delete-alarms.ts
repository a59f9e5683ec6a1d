import { checkAlarmName } from '../domain/alarm-input.ts';
import { constraint, invalid } from '../errors.ts';
import { addHistory } from '../history.ts';
import { operation } from '../operation.ts';
import { alarmKey, alarms, compositeAlarms } from '../tables.ts';
import { alarmsResource, configurationView } from './alarms.ts';
import { compositeConfiguration } from './composite-alarms.ts';
import { MOST_NAMES } from './describe-alarms.ts';

/**
 * Deletes all of them or, where one may not go, none. One that a composite alarm looks at stays, as long as that is not
 * deleted first.
 */
export const DeleteAlarms = operation('DeleteAlarms', {
  resources: alarmsResource,
  handle: async (ctx, input) => {
    const names = [...new Set((input.AlarmNames ?? []).map(checkAlarmName))];
    if (names.length > MOST_NAMES) {
      throw constraint(names.join(', '), 'alarmNames', `have length less than or equal to ${MOST_NAMES}`);
    }
    await ctx.write(async (tx) => {
      const keys = names.map((name) => alarmKey(ctx, name));
      const metric = (await Promise.all(keys.map((key) => tx.get(alarms, key)))).flatMap((row) => row ?? []);
      const composite = (await Promise.all(keys.map((key) => tx.get(compositeAlarms, key)))).flatMap(
        (row) => row ?? [],
      );
      if (composite.length > 1) throw invalid('Only one composite alarm can be deleted at a time.');
      const held = [];
      for (const row of [...metric, ...composite]) {
        const parents = await tx.list(compositeAlarms, { where: ['child', alarmKey(ctx, row.name)] });
        if (parents.length > 0) held.push(row.name);
      }
      if (held.length > 0) {
        const them = held.length === 1 ? 'it' : 'them';
        throw invalid(`Cannot delete ${held.join(',')} as there are composite alarm(s) depending on ${them}.`);
      }
      const deleted = (deletedAlarm: object) => JSON.stringify({ version: '1.0', type: 'Delete', deletedAlarm });
      const item = { atMs: ctx.now, type: 'ConfigurationUpdate' as const };
      for (const row of metric) {
        await tx.delete(alarms, alarmKey(ctx, row.name));
        const data = deleted(configurationView(row));
        await addHistory(tx, row, ctx.ids, { ...item, summary: `Alarm "${row.name}" deleted`, data });
      }
      for (const row of composite) {
        await tx.delete(compositeAlarms, alarmKey(ctx, row.name));
        const told = { summary: `Alarm "${row.name}" deleted`, data: deleted(compositeConfiguration(row)) };
        await addHistory(tx, row, ctx.ids, { ...item, ...told, alarmType: 'CompositeAlarm' });
      }
    });
    return {};
  },
});
