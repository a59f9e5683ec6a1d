/**
 * When a trail was logging: what came outside is not its business. A window without `toMs` is open. `endedBy` is the id
 * of the request that closed it: StopLogging and DeleteTrail are over a moment after, and are in the log as its last.
 */
export type Windows = readonly { readonly fromMs: number; readonly toMs?: number; readonly endedBy?: string }[];

export function isInside(windows: Windows, timeMs: number, requestId: string): boolean {
  return windows.some(
    ({ fromMs, toMs, endedBy }) => (timeMs >= fromMs && timeMs <= (toMs ?? Infinity)) || endedBy === requestId,
  );
}

export function opened(windows: Windows, now: number): Windows {
  return isOpen(windows) ? windows : [...windows, { fromMs: now }];
}

export function closed(windows: Windows, now: number, endedBy: string): Windows {
  return windows.map((window) => (window.toMs === undefined ? { ...window, toMs: now, endedBy } : window));
}

/** What is left once all that came until `ms` has been delivered. */
export function remaining(windows: Windows, ms: number): Windows {
  return windows.filter(({ toMs }) => toMs === undefined || toMs > ms);
}

function isOpen(windows: Windows): boolean {
  return windows.some((window) => window.toMs === undefined);
}
