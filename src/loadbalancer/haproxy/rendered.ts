import { digest, identifier } from './text.ts';

/** Everything that one HAProxy needs on disk, and how to tell that it runs with exactly this. */
export interface Rendered {
  readonly config: string;
  readonly files: readonly SideFile[];
  /**
   * The `description` that `show info` answers once this configuration serves. It does not tell of servers and of what
   * is in maps: these change while HAProxy runs.
   */
  readonly description: string;
  readonly servers: readonly ServerEntry[];
  readonly maps: readonly MapFile[];
  /** The unix sockets on which it takes connections: their paths. */
  readonly sockets: readonly string[];
  /** Sections whose servers keep their connections when they go. */
  readonly lasting: readonly string[];
  /** Sections whose servers lose them. */
  readonly cut: readonly string[];
  /** Sections whose servers lose them when they have drained. */
  readonly cutDrained: readonly string[];
}

/** A map that the configuration names. Its path stays while its entries change. */
export interface MapFile {
  readonly path: string;
  readonly entries: readonly (readonly [key: string, value: string])[];
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
  /** What follows its name on its line: its address and settings. */
  readonly words: string;
}

/** A section whose servers come and go while HAProxy runs. */
export interface ServerSection {
  readonly fixed: string;
  /** Lines for the servers of now. */
  readonly servers: readonly string[];
}

/** Collects the side files while a configuration is rendered. */
export class SideFiles {
  readonly #folder: string;
  readonly #files = new Map<string, SideFile>();
  readonly #maps = new Map<string, MapFile>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Answers the path. `extension` has its dot. */
  add(kind: string, extension: string, text: string, options: { secret?: boolean } = {}): string {
    const path = `${this.#folder}/${kind}-${digest(text)}${extension}`;
    this.#files.set(path, { path, text, secret: options.secret ?? false });
    return path;
  }

  /** Answers the path. `id` are 16 hexadecimal digits. */
  addMap(kind: string, id: string, entries: MapFile['entries']): string {
    const path = `${this.#folder}/${kind}-${id}.map`;
    this.#maps.set(path, { path, entries });
    return path;
  }

  list(): readonly SideFile[] {
    const maps = this.maps().map(({ path, entries }) => ({ path, text: mapText(entries), secret: false }));
    return [...this.#files.values(), ...maps];
  }

  maps(): readonly MapFile[] {
    return [...this.#maps.values()];
  }
}

/** A line for each entry. */
export function mapText(entries: MapFile['entries']): string {
  return entries.map(([key, value]) => `${key} ${value}\n`).join('');
}

/** Joins the sections under a `global` that carries the description. */
export function seal(
  owner: string,
  globalLines: readonly string[],
  sections: readonly (string | ServerSection)[],
): { config: string; description: string } {
  const fixed = sections.map((it) => (typeof it === 'string' ? it : it.fixed));
  const body = sections.map((it) => (typeof it === 'string' ? it : [it.fixed, ...it.servers].join('\n'))).join('\n\n');
  const description = `longshore ${identifier(owner)} ${digest([...globalLines, fixed.join('\n\n')].join('\n'))}`;
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
    // What has been replaced ends with its last connection, at the latest then.
    'hard-stop-after 24h',
    'tune.ssl.default-dh-param 2048',
  ];
}
