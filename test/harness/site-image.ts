import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from './run.ts';

/**
 * A web site on port 80:
 *   /                  the container's host name
 *   /healthz           ok
 *   /cgi-bin/version   the version it was built with
 *   /cgi-bin/headers   the request's header fields, as CGI variables
 *   /cgi-bin/slow      two seconds later: ok
 */
const ENTRY = (version: string) => `#!/bin/busybox sh
trap 'exit 0' TERM
echo "site ${version} starts"
mkdir -p /www/cgi-bin
echo ok > /www/healthz
hostname > /www/index.html
printf '#!/bin/busybox sh\\necho "Content-Type: text/plain"\\necho\\necho ${version}\\n' > /www/cgi-bin/version
printf '#!/bin/busybox sh\\necho "Content-Type: text/plain"\\necho\\nenv\\n' > /www/cgi-bin/headers
printf '#!/bin/busybox sh\\nsleep 2\\necho "Content-Type: text/plain"\\necho\\necho ok\\n' > /www/cgi-bin/slow
chmod +x /www/cgi-bin/*
busybox httpd -f -p 80 -h /www &
wait
`;

/** By its label no image shares an ID or a layer of the build's cache with another test's, which may remove them meanwhile. */
const dockerfile = (tag: string) => `FROM scratch
LABEL test=${tag}
COPY root /
RUN ["/bin/busybox", "--install", "/bin"]
ENTRYPOINT ["/entry"]
`;

/**
 * Builds a small web site (2 MB) out of Debian's busybox-static, with no registry: what most tests deploy.
 * The caller removes the image.
 */
export async function buildSiteImage(tag: string, version = 'v1'): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ls-image-'));
  try {
    await mkdir(join(folder, 'root/bin'), { recursive: true });
    await mkdir(join(folder, 'root/tmp'));
    await copyFile('/bin/busybox', join(folder, 'root/bin/busybox'));
    await writeFile(join(folder, 'root/entry'), ENTRY(version), { mode: 0o755 });
    await writeFile(join(folder, 'Dockerfile'), dockerfile(tag));
    await must('docker', ['build', '-q', '--network', 'none', '-t', tag, folder], { env: { DOCKER_BUILDKIT: '0' } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
