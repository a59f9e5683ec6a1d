const TIME_DIGITS = 12;

/** A UUID of version 7: it begins with its time, so that an event is found by its id without an index. */
export function eventIdAt(timeMs: number, uuid: string): string {
  const time = timeMs.toString(16).padStart(TIME_DIGITS, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${uuid.slice(15)}`;
}

/** In ms since the epoch; undefined for an id that no event of this server has. */
export function timeOfEventId(eventId: string): number | undefined {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/.exec(eventId);
  return match ? Number.parseInt(`${match[1]}${match[2]}`, 16) : undefined;
}
