import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { must } from '../test/harness/run.ts';

const CONFIG = `global
  maxconn 4096
  nbthread 2
defaults
  mode http
  timeout client 60s
  timeout connect 5s
  timeout server 60s
frontend site
  bind :80
  http-request return status 200 content-type text/plain string "hello from the container"
`;

/** A container that answers on port 80 faster than what stands before it: the host's own HAProxy with its libraries. */
export async function buildResponderImage(tag: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ls-bench-image-'));
  try {
    const program = await realpath((await must('sh', ['-c', 'command -v haproxy'])).trim());
    const libraries = (await must('ldd', [program])).matchAll(/(?:=> |\t)(\/\S+)/g);
    for (const [, path] of [['', program], ...libraries] as const) {
      const to = join(folder, 'root', path === program ? 'haproxy' : (path ?? ''));
      await mkdir(dirname(to), { recursive: true });
      await cp(path ?? '', to, { dereference: true });
    }
    await writeFile(join(folder, 'root/haproxy.cfg'), CONFIG);
    const entry = '["/haproxy", "-db", "-f", "/haproxy.cfg"]';
    await writeFile(join(folder, 'Dockerfile'), `FROM scratch\nCOPY root /\nENTRYPOINT ${entry}\n`);
    await must('docker', ['build', '--quiet', '--tag', tag, folder], { env: { DOCKER_BUILDKIT: '0' } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
