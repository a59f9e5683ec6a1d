/**
 * Completes package-lock.json: `node scripts/setup-lock.ts [FOLDER]`, after an `npm install` that changed it.
 *
 * npm leaves out of the lock every optional platform package (`@oxfmt/binding-darwin-arm64`) that the registry in use
 * does not carry, and then `npm ci` of npm 11 refuses the lock as "not in sync" on every machine. The entries added here
 * are what npm would have written, without the integrity that only the package itself could give.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage extends Platform {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Platform {
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly os?: readonly string[];
}

const SYSTEMS = ['linux', 'darwin', 'win32', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'aix', 'android', 'openharmony'];
const PROCESSORS = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** The platform that a package's name tells, e.g. `@oxfmt/binding-linux-x64-musl`. */
export function platformOf(name: string): Platform {
  const words = name.split(/[/-]/);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  const libc = os === 'linux' ? libcOf(words) : undefined;
  return { ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }), ...(os && { os: [os] }) };
}

function libcOf(words: readonly string[]): string | undefined {
  if (words.some((word) => word.startsWith('musl'))) return 'musl';
  return words.some((word) => word.startsWith('gnu')) ? 'glibc' : undefined;
}

/** The same lock with an entry for each optional dependency that had none; `added` names them. */
export function completeLock<L extends Lock>(lock: L): { readonly lock: L; readonly added: readonly string[] } {
  const packages: Record<string, LockedPackage> = { ...lock.packages };
  const added: string[] = [];
  for (const [path, owner] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
      const at = `node_modules/${name}`;
      if (packages[at] || packages[`${path}/${at}`]) continue;
      packages[at] = lockedPackage(path, name, version, owner.dev === true);
      added.push(name);
    }
  }
  const sorted = Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  return { lock: { ...lock, packages: Object.fromEntries(sorted) }, added };
}

function lockedPackage(owner: string, name: string, version: string, dev: boolean): LockedPackage {
  if (!EXACT.test(version)) throw new Error(`${owner} asks for ${name}@${version}: no exact version to write down`);
  const { cpu, libc, os } = platformOf(name);
  if (!cpu && !os) throw new Error(`${owner} asks for ${name}: its name tells no platform`);
  return {
    version,
    ...(cpu && { cpu }),
    ...(dev && { dev }),
    ...(libc && { libc }),
    optional: true,
    ...(os && { os }),
  };
}

if (process.argv[1] === import.meta.filename) {
  const file = join(process.argv[2] ?? '.', 'package-lock.json');
  const { lock, added } = completeLock(JSON.parse(readFileSync(file, 'utf8')) as Lock);
  if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${file}: ${added.length === 0 ? 'complete' : `added ${added.length} platform packages`}`);
}
