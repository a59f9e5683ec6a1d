const HEADER_BYTES = 8;

export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly payload: Buffer;
}

/**
 * The engine's multiplexed stream, of logs and of what is attached to without a terminal:
 *
 *     stream (1: stdout, 2: stderr) | 0 0 0 | length, 32 bits big-endian | payload
 */
export async function* frames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  const pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    pending.push(chunk);
    pendingBytes += chunk.length;
    if (pendingBytes < frameBytes(pending)) continue;
    let rest = Buffer.concat(pending);
    while (rest.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + rest.readUInt32BE(4);
      if (rest.length < end) break;
      yield { stream: rest[0] === 2 ? 'stderr' : 'stdout', payload: rest.subarray(HEADER_BYTES, end) };
      rest = rest.subarray(end);
    }
    pending.splice(0, pending.length, rest);
    pendingBytes = rest.length;
  }
}

/** How many bytes the first frame needs, as far as its header is there: long frames are not copied chunk by chunk. */
function frameBytes(pending: readonly Buffer[]): number {
  const first = pending[0];
  return first && first.length >= HEADER_BYTES ? HEADER_BYTES + first.readUInt32BE(4) : HEADER_BYTES;
}
