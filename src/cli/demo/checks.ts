import { readFileSync } from 'node:fs';
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Task } from '@aws-sdk/client-ecs';
import { CliError } from '../cli-error.ts';
import { unless } from '../clients.ts';
import { run } from '../command-line.ts';
import { type Page, get } from './http.ts';
import { NAMES, TASK_COUNT } from './names.ts';
import { tasksOfService } from './service.ts';
import { type Session, sessionWait } from './session.ts';

/** What every page of the site holds, and no error page does. */
const MARK = 'Hello from your own Fargate';
const SEEN_TIMEOUT_MS = 20_000;

/** One thing that must be so; answers what was seen. */
export interface Check {
  readonly title: string;
  readonly see: (session: Session) => Promise<string>;
}

export const PAGE_CHECKS: readonly Check[] = [
  { title: 'the page comes over HTTPS, trusted through the CA', see: checkPage },
  { title: 'curl gets it too', see: checkCurl },
  { title: 'port 80 redirects to HTTPS', see: checkRedirect },
  { title: 'both tasks answer', see: checkBothTasks },
  { title: 'their access logs are in CloudWatch Logs', see: checkLogs },
];

async function checkPage(session: Session): Promise<string> {
  const page = await getPage(session);
  expect(page.status === 200 && page.body.includes(MARK), `it answered ${page.status}:\n${page.body.slice(0, 300)}`);
  return `200, served by ${servedBy(page)}`;
}

async function checkCurl({ home, server, signal }: Session): Promise<string> {
  const { address, httpsPort } = server.edge;
  const resolve = ['--resolve', `${NAMES.domain}:${httpsPort}:${address}`];
  const url = `https://${NAMES.domain}:${httpsPort}/`;
  const args = ['--silent', '--show-error', '--fail', '--max-time', '10', '--cacert', home.caFile, ...resolve, url];
  const body = await run('curl', args, { signal });
  expect(body.includes(MARK), `curl got something else:\n${body.slice(0, 300)}`);
  return `${body.length} bytes`;
}

async function checkRedirect({ server }: Session): Promise<string> {
  const { address, httpPort, httpsPort } = server.edge;
  const page = await get({ address, port: httpPort, hostname: NAMES.domain, path: '/page?q=1' });
  const { location = '' } = page.headers;
  const wanted = `https://${NAMES.domain}:${httpsPort}/page?q=1`;
  expect(page.status === 301 && location === wanted, `it answered ${page.status} to '${location}', not to ${wanted}`);
  return `301 to ${location}`;
}

async function checkBothTasks(session: Session): Promise<string> {
  const seen = new Set<string>();
  await sessionWait(session, `${TASK_COUNT} tasks answer`, SEEN_TIMEOUT_MS, async () => {
    seen.add(servedBy(await getPage(session)));
    return seen.size >= TASK_COUNT ? true : undefined;
  });
  return [...seen].toSorted().join(' and ');
}

async function checkLogs(session: Session): Promise<string> {
  const tasks = await tasksOfService(session, 'RUNNING');
  const counts = await sessionWait(session, 'every task has logged a request', SEEN_TIMEOUT_MS, async () => {
    const lines = await Promise.all(tasks.map((task) => requestLines(session, task)));
    return lines.every((count) => count > 0) ? lines : undefined;
  });
  return `${counts.join(' and ')} requests in ${NAMES.logGroup}`;
}

async function requestLines({ clients }: Session, task: Task): Promise<number> {
  const logStreamName = `ecs/${NAMES.container}/${task.taskArn?.split('/').at(-1) ?? ''}`;
  const got = await unless(
    ['ResourceNotFoundException'],
    clients.logs.send(new GetLogEventsCommand({ logGroupName: NAMES.logGroup, logStreamName, startFromHead: true })),
  );
  return got?.events?.filter((event) => event.message?.includes('GET /')).length ?? 0;
}

function getPage({ home, server }: Session): Promise<Page> {
  const { address, httpsPort } = server.edge;
  return get({ address, port: httpsPort, hostname: NAMES.domain, ca: readFileSync(home.caFile, 'utf8') });
}

function servedBy(page: Page): string {
  return String(page.headers['x-served-by'] ?? 'nobody who says so');
}

/** @throws CliError with what was seen instead */
export function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new CliError(otherwise);
}
