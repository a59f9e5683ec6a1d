import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { must } from './run.ts';

const MODULES = join(import.meta.dirname, '../../node_modules');

/**
 * Builds an image with Node.js and the AWS SDK's clients for STS and ECS, and no configuration of any kind: what a
 * user's application is. Its entry point is `node --input-type=module --eval`. The caller removes the image.
 */
export async function buildSdkImage(tag: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ls-sdk-image-'));
  try {
    const root = join(folder, 'root');
    await mkdir(join(root, 'tmp'), { recursive: true });
    for (const file of [process.execPath, ...(await librariesOf(process.execPath))]) {
      const target = join(root, file === process.execPath ? '/node' : file);
      await mkdir(dirname(target), { recursive: true });
      await cp(await realpath(file), target);
    }
    for (const name of await dependenciesOf(['@aws-sdk/client-sts', '@aws-sdk/client-ecs'])) {
      await cp(join(MODULES, name), join(root, 'node_modules', name), { recursive: true });
    }
    await writeFile(
      join(folder, 'Dockerfile'),
      'FROM scratch\nCOPY root /\nENTRYPOINT ["/node", "--input-type=module", "--eval"]\n',
    );
    await must('docker', ['build', '-q', '--network', 'none', '-t', tag, folder], { env: { DOCKER_BUILDKIT: '0' } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function librariesOf(program: string): Promise<string[]> {
  const listed = await must('ldd', [program]);
  return [...listed.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
}

/** All that the packages need, themselves included. */
async function dependenciesOf(names: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const left = [...names];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const manifest: { dependencies?: object } = JSON.parse(await readFile(join(MODULES, name, 'package.json'), 'utf8'));
    left.push(...Object.keys(manifest.dependencies ?? {}));
  }
  return found;
}
