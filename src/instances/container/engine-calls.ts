import { RuntimeError } from '../../kernel/errors.ts';
import type { EngineClient } from '../../runtime/docker/engine-client.ts';
import { frames } from '../../runtime/docker/frames.ts';
import type { InstanceSpec } from '../instance-driver.ts';
import { readTarFile } from './tar.ts';

const CONSOLE_BYTES = 64 * 1024;
/** Enough for that many bytes in all but the strangest console. */
const CONSOLE_LINES = '4000';
const MAX_FILE_BYTES = 1024 * 1024;
const NANOS_PER_CPU = 1_000_000_000;

/** The last 64 KiB that the container has printed since. */
export async function consoleSince(engine: EngineClient, id: string, sinceMs: number): Promise<string> {
  const query = { stdout: '1', stderr: '1', tail: CONSOLE_LINES, since: (sinceMs / 1000).toFixed(3) };
  const response = await engine.open({ path: `/containers/${id}/logs`, query });
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const { payload } of frames(response)) {
    kept.push(payload);
    bytes += payload.length;
    while (bytes - (kept[0]?.length ?? 0) >= CONSOLE_BYTES) bytes -= kept.shift()?.length ?? 0;
  }
  return Buffer.concat(kept).subarray(-CONSOLE_BYTES).toString('utf8');
}

/**
 * A plain file of a container's disk, whether it runs or not: the engine follows no link out of it.
 * @throws RuntimeError rejected above 1 MiB
 */
export async function diskFile(engine: EngineClient, name: string, path: string): Promise<Buffer | undefined> {
  const request = { path: `/containers/${name}/archive`, query: { path }, accept: [404] };
  const response = await engine.open(request);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The last element of a path is not followed: of a link the archive has the link, of a folder all that is in it.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_FILE_BYTES + 16 * 1024) break;
  }
  response.destroy();
  if (response.statusCode === 404) return undefined;
  const file = readTarFile(Buffer.concat(chunks));
  if (file && file.length > MAX_FILE_BYTES) throw new RuntimeError('rejected', `${path} is larger than 1 MiB`);
  return file;
}

/** Of a container that is there: a stopped instance may have got another type. */
export async function updateLimits(
  engine: EngineClient,
  name: string,
  spec: InstanceSpec,
  hostCpus: number,
): Promise<void> {
  const { memoryBytes, cpus } = spec;
  const body = {
    NanoCpus: Math.round(Math.min(cpus, hostCpus) * NANOS_PER_CPU),
    Memory: memoryBytes,
    MemorySwap: memoryBytes,
  };
  await engine.call({ method: 'POST', path: `/containers/${name}/update`, body });
}

/** Removes the repository's images with other tags, of an older host or server; those that a container has stay. */
export async function removeOtherTags(engine: EngineClient, reference: string): Promise<void> {
  const filters = JSON.stringify({ reference: [reference.split(':')[0]] });
  const { body } = await engine.call({ path: '/images/json', query: { filters } });
  const tags = (body as readonly { RepoTags?: readonly string[] | null }[]).flatMap(({ RepoTags }) => RepoTags ?? []);
  for (const tag of tags.filter((one) => one !== reference)) {
    await engine.call({ method: 'DELETE', path: `/images/${tag}`, accept: [404, 409] });
  }
}
