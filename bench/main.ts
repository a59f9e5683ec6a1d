import { say } from './report.ts';

/** Registers what undoes the bench on `cleanup`, last made first undone. */
type Bench = (cleanup: AsyncDisposableStack) => Promise<void>;

const BENCHES: Readonly<Record<string, { readonly what: string; readonly load: () => Promise<Bench> }>> = {
  'start-up': {
    what: 'time to ready and memory, against a bare Node server',
    load: async () => (await import('./start-up.ts')).startUp,
  },
  tasks: {
    what: 'RunTask to RUNNING and StopTask to STOPPED, against docker run and docker stop',
    load: async () => (await import('./tasks.ts')).tasks,
  },
  requests: {
    what: 'signed API calls a second, against a bare Node server',
    load: async () => (await import('./requests.ts')).requests,
  },
  'load-balancer': {
    what: 'HTTP and HTTPS requests a second through a load balancer, against an HAProxy configured by hand',
    load: async () => (await import('./load-balancer.ts')).loadBalancer,
  },
  recovery: {
    what: 'HAProxy killed until it answers again',
    load: async () => (await import('./recovery.ts')).recovery,
  },
  service: {
    what: 'a service of 20 tasks from CreateService to steady, against docker service create of Docker Swarm',
    load: async () => (await import('./service.ts')).service,
  },
  authorization: {
    what: 'the share of authorization in a small request',
    load: async () => (await import('./authorization.ts')).authorization,
  },
  policy: {
    what: 'decisions a second with ten policies of twenty statements, against iam-simulate',
    load: async () => (await import('./policy.ts')).policy,
  },
  placement: {
    what: 'placements of tasks a second on 100 to 10,000 container instances, in memory',
    load: async () => (await import('./placement.ts')).placement,
  },
  planning: {
    what: 'RunTask and a step of a service with their rows, on clusters of 10 to 10,000 container instances',
    load: async () => (await import('./planning.ts')).planning,
  },
  instances: {
    what: 'a group of 30 container instances with 300 tasks: until all run, their memory, until all are gone',
    load: async () => (await import('./instances.ts')).instances,
  },
  registry: {
    what: "pushes, pulls and manifests a second, against Debian's docker-registry",
    load: async () => (await import('./registry.ts')).registry,
  },
};

/** The one that runs: an interrupt undoes it too. */
let cleanup = new AsyncDisposableStack();
let interrupted: Promise<void> | undefined;

async function runBench(bench: Bench): Promise<void> {
  cleanup = new AsyncDisposableStack();
  try {
    await bench(cleanup);
  } catch (error) {
    // What an interrupt takes away makes the bench fail.
    if (!interrupted) throw error;
    await interrupted;
  } finally {
    await cleanup.disposeAsync();
  }
}

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
  if (names.length === 0 || unknown.length > 0) {
    for (const name of unknown) say(`There is no bench '${name}'.`);
    say('npm run bench -- NAME ..., or all:');
    for (const [name, { what }] of Object.entries(BENCHES)) say(`  ${name.padEnd(14)} ${what}`);
    process.exitCode = unknown.length > 0 ? 2 : 0;
    return;
  }
  for (const name of names) {
    say(`\n## ${name}`);
    const bench = await BENCHES[name]?.load();
    if (bench) await runBench(bench);
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say(`${signal}: cleaning up`);
    interrupted = cleanup.disposeAsync();
    void interrupted.finally(() => process.exit(130));
  });
}
const wanted = process.argv.slice(2);
await main(wanted.includes('all') ? Object.keys(BENCHES) : wanted);
