import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../kernel/clock.ts';
import { absent, messageOf } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { CertificateAuthority } from './authority.ts';
import { issueLeaf } from './leaf.ts';
import { loadRoot, makeRoot, type RootPem } from './root.ts';

export interface AuthorityOptions {
  /** Holds `ca.pem` (for everyone) and `ca.key` (0600); made when it is not there. */
  readonly folder: string;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Stands in the root's name, so that two servers' roots can be told apart; drawn when not given. */
  readonly instanceId?: string;
}

/**
 * Opens the authority kept in `folder`, making it at first use. The certificate is put in its place last: a key without
 * a certificate was never used, so a root that a crash left half-made is made anew.
 * @throws Error when `ca.pem` is there without its key, or the two are damaged: a root that clients trust is never
 * replaced behind their back
 */
export async function openAuthority(options: AuthorityOptions): Promise<CertificateAuthority> {
  const files = { certificate: join(options.folder, 'ca.pem'), key: join(options.folder, 'ca.key') };
  const kept = await readRoot(files);
  const pem = kept ?? (await makeRoot(options.clock.now(), options.ids, options.instanceId ?? options.ids.hex(8)));
  if (!kept) await writeRoot(options.folder, files, pem);
  const root = await loadRoot(pem).catch((error: unknown) => {
    throw new Error(
      `The certificate authority in ${options.folder} cannot be used: ${messageOf(error)} ` +
        'Restore ca.pem and ca.key from a backup, or remove both to start with a new authority.',
      { cause: error },
    );
  });
  return {
    certificatePem: root.certificatePem,
    issue: (request) => issueLeaf(root, options.ids, request),
  };
}

interface RootFiles {
  readonly certificate: string;
  readonly key: string;
}

async function readRoot(files: RootFiles): Promise<RootPem | undefined> {
  const certificatePem = await readIfThere(files.certificate);
  if (certificatePem === undefined) return undefined;
  const privateKeyPem = await readIfThere(files.key);
  if (privateKeyPem === undefined) {
    throw new Error(
      `${files.certificate} is there, but ${files.key} is missing. ` +
        'Restore the key from a backup, or remove the certificate to start with a new authority.',
    );
  }
  return { certificatePem, privateKeyPem };
}

async function writeRoot(folder: string, files: RootFiles, pem: RootPem): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeSynced(`${files.key}.new`, pem.privateKeyPem, 0o600);
  await writeSynced(`${files.certificate}.new`, pem.certificatePem, 0o644);
  await rename(`${files.key}.new`, files.key);
  await syncFolder(folder);
  await rename(`${files.certificate}.new`, files.certificate);
  await syncFolder(folder);
}

async function writeSynced(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'w', mode);
  try {
    // The mode of `open` counts only for a new file; a leftover may have another.
    await file.chmod(mode);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(absent);
}
