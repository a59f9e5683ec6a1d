import { readFileSync } from 'node:fs';
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Task } from '@aws-sdk/client-ecs';
import { CliError } from '../cli-error.ts';
import { unless } from '../clients.ts';
import { run } from '../command-line.ts';
import { type Page, get } from './http.ts';
import { tasksOfService } from './service.ts';
import { type SiteSession, sessionWait } from './session.ts';
import { SHARED } from './site.ts';

const SEEN_TIMEOUT_MS = 20_000;

/** What every page of the site holds, and no error page does. */
const markOf = ({ site }: SiteSession) => `Hello from your own ${site.runsOn}.`;

/** One thing that must be so; answers what was seen. */
export interface Check {
  readonly title: string;
  readonly see: (session: SiteSession) => Promise<string>;
}

export const PAGE_CHECKS: readonly Check[] = [
  { title: 'the page comes over HTTPS, trusted through the CA', see: checkPage },
  { title: 'curl gets it too', see: checkCurl },
  { title: 'port 80 redirects to HTTPS', see: checkRedirect },
  { title: 'every task answers', see: checkTasks },
  { title: 'their access logs are in CloudWatch Logs', see: checkLogs },
];

async function checkPage(session: SiteSession): Promise<string> {
  const page = await getPage(session);
  expect(
    page.status === 200 && page.body.includes(markOf(session)),
    `it answered ${page.status}:\n${page.body.slice(0, 300)}`,
  );
  return `200, served by ${servedBy(page)}`;
}

async function checkCurl(session: SiteSession): Promise<string> {
  const { home, server, signal, site } = session;
  const { address, httpsPort } = server.edge;
  const resolve = ['--resolve', `${site.domain}:${httpsPort}:${address}`];
  const url = `https://${site.domain}:${httpsPort}/`;
  const args = ['--silent', '--show-error', '--fail', '--max-time', '10', '--cacert', home.caFile, ...resolve, url];
  const body = await run('curl', args, { signal });
  expect(body.includes(markOf(session)), `curl got something else:\n${body.slice(0, 300)}`);
  return `${body.length} bytes`;
}

async function checkRedirect({ server, site }: SiteSession): Promise<string> {
  const { address, httpPort, httpsPort } = server.edge;
  const page = await get({ address, port: httpPort, hostname: site.domain, path: '/page?q=1' });
  const { location = '' } = page.headers;
  const wanted = `https://${site.domain}:${httpsPort}/page?q=1`;
  expect(page.status === 301 && location === wanted, `it answered ${page.status} to '${location}', not to ${wanted}`);
  return `301 to ${location}`;
}

async function checkTasks(session: SiteSession): Promise<string> {
  const { length } = await tasksOfService(session, 'RUNNING');
  const seen = new Set<string>();
  await sessionWait(session, `${length} tasks answer`, SEEN_TIMEOUT_MS, async () => {
    seen.add(servedBy(await getPage(session)));
    return seen.size >= length ? true : undefined;
  });
  return [...seen].toSorted().join(' and ');
}

async function checkLogs(session: SiteSession): Promise<string> {
  const tasks = await tasksOfService(session, 'RUNNING');
  const counts = await sessionWait(session, 'every task has logged a request', SEEN_TIMEOUT_MS, async () => {
    const lines = await Promise.all(tasks.map((task) => requestLines(session, task)));
    return lines.every((count) => count > 0) ? lines : undefined;
  });
  return `${counts.join(' and ')} requests in ${session.site.logGroup}`;
}

async function requestLines({ clients, site }: SiteSession, task: Task): Promise<number> {
  const logStreamName = `ecs/${SHARED.container}/${task.taskArn?.split('/').at(-1) ?? ''}`;
  const got = await unless(
    ['ResourceNotFoundException'],
    clients.logs.send(new GetLogEventsCommand({ logGroupName: site.logGroup, logStreamName, startFromHead: true })),
  );
  return got?.events?.filter((event) => event.message?.includes('GET /')).length ?? 0;
}

function getPage({ home, server, site }: SiteSession): Promise<Page> {
  const { address, httpsPort } = server.edge;
  return get({ address, port: httpsPort, hostname: site.domain, ca: readFileSync(home.caFile, 'utf8') });
}

function servedBy(page: Page): string {
  return String(page.headers['x-served-by'] ?? 'nobody who says so');
}

/** @throws CliError with what was seen instead */
export function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new CliError(otherwise);
}
