/** µs since the epoch as ELB writes times: `2018-07-02T22:23:00.186641Z`. */
export function timeText(us: number): string {
  const ms = Math.floor(us / 1000);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(us - ms * 1000).padStart(3, '0')}Z`;
}

/** ms as seconds with three decimals. */
export function secondsText(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/**
 * In double quotes, `-` for nothing.
 * @param text what a client said, a character for each byte. What could break the line, and what is not ASCII, is written `\xXX`.
 */
export function quoted(text: string | undefined): string {
  if (text === undefined || text === '') return '"-"';
  return `"${text.replaceAll(/[^\x20-\x7e]|["\\]/g, (one) => `\\x${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)}"`;
}

/** Two kinds of entries name a connection alike. */
export function connectionText(id: string): string {
  return `TID_${id}`;
}
