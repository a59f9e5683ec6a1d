/**
 * A process inside a test's network namespace, driven over IPC: it serves as targets, and asks as a client.
 * Run by testing-world.ts.
 */
import { Agent, createServer, request, type Server } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

export type PeerTask =
  | { readonly do: 'serve'; readonly ip: string; readonly port: number }
  | { readonly do: 'close'; readonly ip: string; readonly port: number }
  | { readonly do: 'behave'; readonly ip: string; readonly port: number; readonly health: number }
  | { readonly do: 'get'; readonly url: string; readonly options: PeerRequest }
  | { readonly do: 'start-load'; readonly url: string }
  | { readonly do: 'stop-load' };

export interface PeerRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of the authority to trust, and the name to ask for. */
  readonly ca?: string;
  readonly servername?: string;
}

export interface PeerResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface LoadReport {
  readonly requests: number;
  readonly failures: readonly string[];
}

const servers = new Map<string, { server: Server; health: number }>();
const keepAlive = new Agent({ keepAlive: true });
let load: { stop: boolean; requests: number; failures: string[]; done: Promise<unknown> } | undefined;

process.on('message', ({ id, task }: { id: number; task: PeerTask }) => {
  run(task).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));

async function run(task: PeerTask): Promise<unknown> {
  switch (task.do) {
    case 'serve':
      return serve(task.ip, task.port);
    case 'close':
      servers.get(`${task.ip}:${task.port}`)?.server.close();
      servers.get(`${task.ip}:${task.port}`)?.server.closeAllConnections();
      return servers.delete(`${task.ip}:${task.port}`);
    case 'behave': {
      const entry = servers.get(`${task.ip}:${task.port}`);
      if (entry) entry.health = task.health;
      return undefined;
    }
    case 'get':
      return get(task.url, task.options);
    case 'start-load': {
      load = { stop: false, requests: 0, failures: [], done: Promise.resolve() };
      load.done = Promise.all(Array.from({ length: 8 }, () => loadLoop(task.url)));
      return undefined;
    }
    default:
      if (!load) throw new Error('no load');
      load.stop = true;
      await load.done;
      return { requests: load.requests, failures: load.failures } satisfies LoadReport;
  }
}

async function serve(ip: string, port: number): Promise<void> {
  const name = `${ip}:${port}`;
  const entry = { server: createServer(), health: 200 };
  entry.server.on('request', (req, res) => {
    if (req.url === '/health') return res.writeHead(entry.health).end();
    return res.writeHead(200, { 'x-target': name }).end(JSON.stringify({ url: req.url, headers: req.headers }));
  });
  entry.server.keepAliveTimeout = 60_000;
  servers.set(name, entry);
  await new Promise<void>((resolve, reject) => {
    entry.server.on('error', reject);
    entry.server.listen(port, ip, resolve);
  });
}

function get(url: string, options: PeerRequest, agent?: Agent): Promise<PeerResponse> {
  return new Promise((resolve, reject) => {
    const tls = url.startsWith('https:');
    const how = {
      ...options,
      agent: agent ?? (tls ? new TlsAgent({ keepAlive: false }) : new Agent({ keepAlive: false })),
    };
    const req = (tls ? tlsRequest : request)(url, how, (res) => {
      let body = '';
      res.setEncoding('utf8');
      res.on('data', (text: string) => (body += text));
      res.on('error', reject);
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
    });
    req.on('error', reject);
    req.end();
  });
}

async function loadLoop(url: string): Promise<void> {
  while (load && !load.stop) {
    load.requests++;
    try {
      const { status } = await get(url, {}, keepAlive);
      if (status !== 200) load.failures.push(`status ${status}`);
    } catch (error) {
      load.failures.push(String(error));
    }
  }
}
