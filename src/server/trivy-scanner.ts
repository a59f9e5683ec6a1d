import { execFile } from 'node:child_process';
import type { ExecFileException } from 'node:child_process';
import { ScanFailed } from '../services/ecr/index.ts';
import type { ImageScanner, ImageToScan, ScanReport } from '../services/ecr/index.ts';
import { readDatabaseTime, readReport } from './trivy-report.ts';

const TIMEOUT_MS = 15 * 60 * 1000;
const VERSION_TIMEOUT_MS = 30_000;
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;
const MOST_REASON_CHARACTERS = 600;
const ARGUMENTS = ['--format', 'json', '--no-progress', '--scanners', 'vuln', '--image-src', 'remote', '--insecure'];
/** Of Trivy's variables, those that say where it gets and keeps things. Others, e.g. its filters, would hide findings. */
const PASSED_ON = /^TRIVY_(CACHE_|REDIS_|DB_|SKIP_DB_UPDATE$|OFFLINE_SCAN$|SERVER$|TOKEN|CUSTOM_HEADERS$|DEBUG$)/;

export interface TrivyOptions {
  /** A path, or a name that is looked for on the PATH. */
  readonly program: string;
  /** Of one scan, with the download of the vulnerability database. Left out: 15 minutes. */
  readonly timeoutMs?: number;
}

/**
 * Scans with Trivy (https://trivy.dev), which pulls from this server's registry as any client. What it needs besides, a
 * cache folder or a mirror of its database, it takes from its own TRIVY_* variables in the server's environment. One scan
 * at a time: Trivy locks its cache.
 */
export class TrivyScanner implements ImageScanner {
  readonly #program: string;
  readonly #timeoutMs: number;
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor({ program, timeoutMs = TIMEOUT_MS }: TrivyOptions) {
    this.#program = program;
    this.#timeoutMs = timeoutMs;
  }

  scan(image: ImageToScan): Promise<ScanReport> {
    const scanned = this.#last.then(() => this.#scan(image));
    this.#last = scanned.catch(() => undefined);
    return scanned;
  }

  /** Ends the scan that runs; it stays in progress, for the next start. */
  close(): void {
    this.#closing.abort();
  }

  async #scan({ reference, username, password }: ImageToScan): Promise<ScanReport> {
    const timeout = `${Math.ceil(this.#timeoutMs / 1000)}s`;
    // In the environment, which only this user can read, unlike arguments.
    const credentials = { TRIVY_USERNAME: username, TRIVY_PASSWORD: password, TRIVY_NON_SSL: 'true' };
    // As a variable, which versions that do not know it pass over. Languages' packages would need a second database.
    const scope = { TRIVY_PKG_TYPES: 'os' };
    const printed = await this.#run(['image', ...ARGUMENTS, '--timeout', timeout, reference], {
      timeoutMs: this.#timeoutMs,
      env: { ...credentials, ...scope },
    });
    const report = readReport(printed);
    const sourceUpdatedAtMs = await this.#databaseTime();
    return { ...report, ...(sourceUpdatedAtMs !== undefined && { sourceUpdatedAtMs }) };
  }

  async #databaseTime(): Promise<number | undefined> {
    try {
      return readDatabaseTime(await this.#run(['version', '--format', 'json'], { timeoutMs: VERSION_TIMEOUT_MS }));
    } catch (error) {
      if (error instanceof ScanFailed) return undefined;
      throw error;
    }
  }

  /** @throws ScanFailed; another error where the scanner was closed meanwhile */
  async #run(
    args: readonly string[],
    { timeoutMs, env = {} }: { readonly timeoutMs: number; readonly env?: Readonly<Record<string, string>> },
  ): Promise<string> {
    const { signal } = this.#closing;
    // A process of an aborted signal would be started all the same, and then killed.
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      // Trivy reads settings from its working folder, where no one but root should be able to put any.
      const place = { cwd: '/', env: { ...environment(), ...env }, signal };
      const limits = { timeout: timeoutMs, killSignal: 'SIGKILL' as const, maxBuffer: MOST_OUTPUT_BYTES };
      execFile(this.#program, [...args], { ...place, ...limits }, (error, stdout, stderr) => {
        if (!error) resolve(stdout);
        else if (signal.aborted) reject(error);
        else reject(new ScanFailed(this.#reasonOf(error, stderr, timeoutMs)));
      });
    });
  }

  #reasonOf(error: ExecFileException, stderr: string, timeoutMs: number): string {
    if (error.code === 'ENOENT' || error.code === 'EACCES') {
      return `Images are scanned by Trivy, and '${this.#program}' cannot be run (${error.code}). Install it (https://trivy.dev) where the server finds it on its PATH, or start the server with --trivy PATH; then start the scan again.`;
    }
    if (error.killed && error.signal === 'SIGKILL') return `Trivy did not end within ${timeoutMs / 1000} seconds.`;
    const words = stderr.trim().slice(-MOST_REASON_CHARACTERS);
    return `Trivy failed (${error.code ?? error.signal ?? 'unknown'}): ${words || 'it did not say why'}`;
  }
}

function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.filter(([name]) => !name.startsWith('TRIVY_') || PASSED_ON.test(name)));
}
