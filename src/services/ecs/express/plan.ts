import type { Plan } from '../../../reconcile/reconciler.ts';
import type { Stored } from '../../../store/store.ts';
import { WORK } from './parts/index.ts';
import { PARTS } from './tables.ts';
import type { ExpressGatewayRow, ExpressServiceRow, Part } from './tables.ts';

export interface ExpressObserved {
  readonly row: Stored<ExpressServiceRow>;
  readonly gateway: ExpressGatewayRow;
}

/** One part at a time: what comes after it asks for it. */
export interface ExpressAction extends ExpressObserved {
  readonly type: 'make' | 'remove';
  readonly part: Part;
  /** What `made` says of it once it stands. */
  readonly wish: string;
}

const AGAIN_MS = 500;

/** The first part that does not stand as it is wished for; of a service that is deleted, the last one that is there. */
export function planExpress({ row, gateway }: ExpressObserved, now: number): Plan<ExpressAction> {
  const wish = (part: Part) => JSON.stringify(WORK[part].wish({ row, wish: row.configurations[0] }));
  if (row.status === 'ACTIVE') {
    const part = PARTS.find((one) => row.made[one] !== wish(one));
    if (!part) return { actions: [], why: 'all parts stand' };
    return {
      actions: [{ type: 'make', part, wish: wish(part), row, gateway }],
      why: `its ${part} is being made`,
      wakeAt: now + AGAIN_MS,
    };
  }
  const part = row.removing ?? PARTS.at(-1);
  if (row.status === 'INACTIVE' || part === undefined) return { actions: [], why: 'it is deleted' };
  return {
    actions: [{ type: 'remove', part, wish: '', row, gateway }],
    why: `its ${part} is being removed`,
    wakeAt: now + AGAIN_MS,
  };
}

/** The row once a part of it is gone. */
export function withoutPart(row: ExpressServiceRow, part: Part, now: number): ExpressServiceRow {
  const { removing: _removing, statusReason: _reason, ...rest } = row;
  const next = PARTS[PARTS.indexOf(part) - 1];
  return next ? { ...rest, removing: next } : { ...rest, status: 'INACTIVE', updatedAtMs: now };
}
