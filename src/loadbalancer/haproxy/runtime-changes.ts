import { RuntimeError } from '../../kernel/errors.ts';
import { groupOfSection, hasTargets } from './sections.ts';
import { mapText, type MapFile, type ServerEntry } from './rendered.ts';
import type { ServerState } from './server-state.ts';

/** What becomes of the connections of servers that go. */
export interface Endings {
  /** Servers, `SECTION/NAME`, that keep them: they drain until they have none. */
  readonly kept?: readonly string[];
  /** Sections whose servers lose them. */
  readonly cut?: readonly string[];
  /** Sections whose servers lose them if they drained before: their time is over. */
  readonly cutDrained?: readonly string[];
}

/**
 * What a running HAProxy is told so that it serves other targets and weights, without a reload: no connection notices.
 * Pure; the commands go in the order given.
 */
export function serverCommands(
  wanted: readonly ServerEntry[],
  known: readonly ServerState[],
  endings: Endings = {},
): readonly string[] {
  const names = new Set(wanted.map(nameOf));
  const gone = known.filter((state) => hasTargets(state.backend) && !names.has(nameOf(state)));
  const lasting = gone.filter((state) => endings.kept?.includes(nameOf(state)));
  const ended = gone.filter((state) => !lasting.includes(state));
  const leaving = ended.filter((state) => !state.maintenance);
  return [
    ...wanted.flatMap((server) =>
      serverChanges(
        server,
        known.find((state) => nameOf(state) === nameOf(server)),
      ),
    ),
    ...lasting.filter((state) => state.weight > 0).map((state) => `set server ${nameOf(state)} weight 0`),
    ...leaving.map((state) => `set server ${nameOf(state)} state maint`),
    ...cutCommands(wanted, known, endings),
    // While something still goes on it is kept, unseen, and tried again later.
    ...ended.map((state) => `del server ${nameOf(state)}`),
  ];
}

/** Ends what the deregistration delay of targets that go has not ended. A reload needs it too: its requests live on. */
export function cutCommands(
  wanted: readonly ServerEntry[],
  known: readonly ServerState[],
  { cut = [], cutDrained = [] }: Endings,
): readonly string[] {
  const isOver = (state: ServerState) =>
    cut.includes(state.backend) || (cutDrained.includes(state.backend) && hasDrained(state));
  return known
    .filter((state) => isOver(state) && !wanted.some((server) => sameTarget(server, state)))
    .map((state) => `shutdown sessions server ${nameOf(state)}`);
}

/** A shadow goes when its target begins to drain. */
function hasDrained(state: ServerState): boolean {
  return state.weight === 0 || (groupOfSection(state.backend) === undefined && state.maintenance);
}

function serverChanges(server: ServerEntry, state: ServerState | undefined): readonly string[] {
  const name = nameOf(server);
  const added = state === undefined ? [`add server ${name} ${server.words}`] : [];
  // A shadow stays in maintenance until its target's first checks have decided.
  if (server.kind === 'open') return added;
  if (state === undefined || state.maintenance) return [...added, ...waiting(server)];
  const draining = server.kind === 'draining';
  if (draining === (state.weight === 0)) return [];
  return draining ? [`set server ${name} weight 0`] : [`set server ${name} weight 1`, ...waiting(server)];
}

/** It is checked and gets no requests, with all its failures to spend, until its first checks have decided. */
function waiting(server: ServerEntry): readonly string[] {
  const name = nameOf(server);
  if (server.kind === 'draining') return [`set server ${name} weight 0`, `set server ${name} state ready`];
  const checks = server.words.includes(' check ') ? [`enable health ${name}`, `set server ${name} health up`] : [];
  return [`set server ${name} state drain`, ...checks];
}

/** The same target in either section of its group. */
function sameTarget(server: ServerEntry, state: ServerState): boolean {
  const group = (section: string) => section.replace(/^(tg|open)_/, '');
  return server.name === state.name && group(server.backend) === group(state.backend);
}

function nameOf(server: { readonly backend: string; readonly name: string }): string {
  return `${server.backend}/${server.name}`;
}

/** True once these servers are there as they should be. */
export function servesAll(wanted: readonly ServerEntry[], known: readonly ServerState[]): boolean {
  return wanted.every((server) => {
    const state = known.find((it) => nameOf(it) === nameOf(server));
    if (state === undefined) return false;
    return groupOfSection(server.backend) === undefined || (state.weight === 0) === (server.kind === 'draining');
  });
}

/** The entries of a map, of the answer of `show map`: lines of an id, a key and a value. */
export function parseMap(text: string): MapFile['entries'] {
  return text.split('\n').flatMap((line): [string, string][] => {
    const [id = '', key, value] = line.split(' ');
    return id.startsWith('0x') && key !== undefined && value !== undefined ? [[key, value]] : [];
  });
}

/** Puts these entries into the maps of a running HAProxy, each map as a whole. `ask` sends it a command. */
export async function adjustMaps(ask: (command: string) => Promise<string>, maps: readonly MapFile[]): Promise<void> {
  for (const map of maps) {
    if (mapText(parseMap(await ask(`show map ${map.path}`))) === mapText(map.entries)) continue;
    const version = /New version created: (\d+)/.exec(await ask(`prepare map ${map.path}`))?.[1];
    if (version === undefined) throw new RuntimeError('temporary', `HAProxy does not know the map ${map.path}`);
    for (const [key, value] of map.entries) await ask(`add map @${version} ${map.path} ${key} ${value}`);
    const refused = (await ask(`commit map @${version} ${map.path}`)).trim();
    if (refused !== '') throw new RuntimeError('temporary', `HAProxy does not take the map ${map.path}: ${refused}`);
  }
}
