import { digest, identifier } from './text.ts';

/** Everything that one HAProxy needs on disk, and how to tell that it runs with exactly this. */
export interface Rendered {
  readonly config: string;
  readonly files: readonly SideFile[];
  /** The `description` that `show info` answers once this configuration serves. */
  readonly description: string;
  readonly servers: readonly ServerEntry[];
}

/** Named by its content, so that the configuration that runs keeps the files it was loaded from. */
export interface SideFile {
  readonly path: string;
  readonly text: string;
  /** Written with mode 0600. */
  readonly secret: boolean;
}

/**
 * A server as it stands in a section of the configuration.
 * - checked: its health decides
 * - open: its shadow in the section that is used when no server of the group is healthy
 * - draining: takes no new requests
 */
export interface ServerEntry {
  readonly backend: string;
  readonly name: string;
  readonly ip: string;
  readonly port: number;
  readonly kind: 'checked' | 'open' | 'draining';
}

/** Collects the side files while a configuration is rendered. */
export class SideFiles {
  readonly #folder: string;
  readonly #files = new Map<string, SideFile>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Answers the path. `extension` has its dot. */
  add(kind: string, extension: string, text: string, options: { secret?: boolean } = {}): string {
    const path = `${this.#folder}/${kind}-${digest(text)}${extension}`;
    this.#files.set(path, { path, text, secret: options.secret ?? false });
    return path;
  }

  list(): readonly SideFile[] {
    return [...this.#files.values()];
  }
}

/** Joins the sections under a `global` that carries the description. */
export function seal(
  owner: string,
  globalLines: readonly string[],
  sections: readonly string[],
): { config: string; description: string } {
  const body = sections.join('\n\n');
  const description = `longshore ${identifier(owner)} ${digest([...globalLines, body].join('\n'))}`;
  const head = ['global', `description ${description}`, ...globalLines].join('\n    ');
  return { config: `${head}\n\n${body}\n`, description };
}

/** What every HAProxy of ours says in `global`. */
export function globalLines(folder: string): readonly string[] {
  return [
    `stats socket ${folder}/stats.sock mode 600 level admin expose-fd listeners`,
    'stats timeout 1m',
    `server-state-file ${folder}/servers.state`,
    'max-spread-checks 500ms',
    'hard-stop-after 1h',
    'tune.ssl.default-dh-param 2048',
  ];
}
