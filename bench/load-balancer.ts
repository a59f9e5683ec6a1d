import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImportCertificateCommand } from '@aws-sdk/client-acm';
import { DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import type { Task } from '@aws-sdk/client-ecs';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import { freePorts } from '../test/harness/free-ports.ts';
import { must } from '../test/harness/run.ts';
import { alternate, median } from './measure.ts';
import { printTable, say } from './report.ts';
import { buildResponderImage } from './responder-image.ts';
import { Site, waitUntil } from './site.ts';
import type { Clients } from './site.ts';
import { requireWrk, wrk } from './wrk.ts';

const SECONDS = 1;
const ROUNDS = { warmUps: 1, rounds: 12 };

/** What stands before the task, and where. */
interface Door {
  readonly address: string;
  readonly name: string;
  readonly ports: { readonly http: number; readonly https: number };
}

/**
 * HTTP and HTTPS over connections that are kept, all ending TLS the same way, and none of them logging:
 *
 *   HAProxy by hand, on the host -> the task
 *   the load balancer's public address -> the VPC's HAProxy -> the task
 *   the host's own ports -> the edge, which leaves TLS alone -> the VPC's HAProxy -> the task
 */
export async function loadBalancer(cleanup: AsyncDisposableStack): Promise<void> {
  await requireWrk();
  const site = await Site.open(cleanup, { build: buildResponderImage, isPublic: true, size: ['2048', '4096'] });
  const task = await site.run();
  const folder = await mkdtemp(join(tmpdir(), 'ls-bench-haproxy-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const pem = await makeCertificate(folder);
  const { ec2 } = site.clients;
  const taskAddress = await publicAddress(ec2, 'addresses.private-ip-address', privateAddress(task));
  const byHand = await startHaproxy(cleanup, folder, taskAddress);
  const balancer = await makeLoadBalancer(site, task, pem);
  const name = balancer.DNSName ?? '';
  const address = await publicAddress(ec2, 'description', `ELB ${balancer.LoadBalancerArn?.split('loadbalancer/')[1]}`);
  const direct: Door = { address, name, ports: { http: 80, https: 443 } };
  const edge: Door = {
    address: '127.0.0.1',
    name,
    ports: { http: site.server.httpPort, https: site.server.httpsPort },
  };
  const hosts = join(folder, 'hosts');
  for (const protocol of ['http', 'https'] as const) {
    for (const connections of [1, 64]) await compare({ byHand, direct, edge }, protocol, connections, hosts);
  }
}

async function compare(
  doors: Readonly<Record<'byHand' | 'direct' | 'edge', Door>>,
  protocol: 'http' | 'https',
  connections: number,
  hosts: string,
): Promise<void> {
  const p99 = { byHand: [] as number[], direct: [] as number[], edge: [] as number[] };
  const through = (which: keyof typeof doors) => async () => {
    const { address, name, ports } = doors[which];
    const url = `${protocol}://${name}:${ports[protocol]}/`;
    const { requestsPerSecond, p99Ms } = await wrk({ url, address, connections, seconds: SECONDS }, hosts);
    p99[which].push(p99Ms);
    return requestsPerSecond;
  };
  const rates = await alternate(ROUNDS, {
    byHand: through('byHand'),
    direct: through('direct'),
    edge: through('edge'),
  });
  const title = `${protocol.toUpperCase()}, ${connections} connection${connections === 1 ? '' : 's'}`;
  for (const [unit, samples] of [
    ['requests a second', rates],
    ['ms, 99th percentile', counted(p99)],
  ] as const) {
    printTable(title, unit, [
      { what: 'HAProxy by hand', samples: samples.byHand },
      { what: 'load balancer', samples: samples.direct, against: samples.byHand },
      { what: 'edge and load balancer', samples: samples.edge, against: samples.byHand },
    ]);
  }
  const pairs = rates.direct.map((rate, round) => rate / (rates.byHand[round] ?? Number.NaN));
  say(`Load balancer against HAProxy by hand, the median of ${pairs.length} pairs: ${median(pairs).toFixed(2)}`);
}

/** Without the rounds that warm up. */
function counted<Name extends string>(samples: Record<Name, number[]>): Record<Name, number[]> {
  const pairs = Object.entries<number[]>(samples).map(([name, all]) => [name, all.slice(ROUNDS.warmUps)]);
  return Object.fromEntries(pairs);
}

interface Pem {
  readonly certificate: Buffer;
  readonly privateKey: Buffer;
}

async function makeCertificate(folder: string): Promise<Pem> {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=bench.test', '-addext', 'subjectAltName=DNS:bench.test'];
  await must('openssl', ['req', '-x509', ...kind, ...name, '-keyout', key, '-out', certificate]);
  const pem = { certificate: await readFile(certificate), privateKey: await readFile(key) };
  await writeFile(join(folder, 'both.pem'), Buffer.concat([pem.certificate, pem.privateKey]));
  return pem;
}

const SUITES = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';

/** What one would write by hand; `cleanup` ends it. */
async function startHaproxy(cleanup: AsyncDisposableStack, folder: string, target: string): Promise<Door> {
  const [http = 0, https = 0] = await freePorts(2);
  const config = `global
  maxconn 4096
defaults
  mode http
  timeout client 60s
  timeout connect 5s
  timeout server 60s
frontend site
  bind 127.0.0.1:${http}
  bind 127.0.0.1:${https} ssl crt ${join(folder, 'both.pem')} alpn h2,http/1.1 ssl-min-ver TLSv1.2 ciphersuites ${SUITES}
  option forwardfor
  http-request set-header X-Forwarded-Proto https if { ssl_fc }
  http-request set-header X-Forwarded-Port %[dst_port]
  default_backend task
backend task
  option httpchk
  server task ${target}:80 check
`;
  await writeFile(join(folder, 'haproxy.cfg'), config);
  const child = spawn('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  cleanup.defer(() => void child.kill());
  await waitUntil('the HAProxy by hand answers', () => answers(`http://127.0.0.1:${http}/`));
  return { address: '127.0.0.1', name: 'bench.test', ports: { http, https } };
}

/** In front of the task, with a listener for HTTP and one for HTTPS; answers once it lets requests through. */
async function makeLoadBalancer(site: Site, task: Task, pem: Pem): Promise<LoadBalancer> {
  const { acm, elbv2 } = site.clients;
  const { CertificateArn } = await acm.send(
    new ImportCertificateCommand({ Certificate: pem.certificate, PrivateKey: pem.privateKey }),
  );
  const { LoadBalancers = [] } = await elbv2.send(
    new CreateLoadBalancerCommand({ Name: 'bench', Subnets: site.subnetIds.slice(0, 2) }),
  );
  const { TargetGroups = [] } = await elbv2.send(
    new CreateTargetGroupCommand({
      Name: 'bench',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: site.vpcId,
      TargetType: 'ip',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
    }),
  );
  const [balancer, group] = [LoadBalancers[0], TargetGroups[0]];
  const TargetGroupArn = group?.TargetGroupArn;
  await elbv2.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: privateAddress(task), Port: 80 }] }));
  const forward = {
    LoadBalancerArn: balancer?.LoadBalancerArn,
    DefaultActions: [{ Type: 'forward' as const, TargetGroupArn }],
  };
  await elbv2.send(new CreateListenerCommand({ ...forward, Protocol: 'HTTP', Port: 80 }));
  await elbv2.send(
    new CreateListenerCommand({
      ...forward,
      Protocol: 'HTTPS',
      Port: 443,
      Certificates: [{ CertificateArn }],
      // As the one by hand: TLS 1.2 and 1.3.
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    }),
  );
  await waitUntil('the target is healthy', async () => {
    const { TargetHealthDescriptions = [] } = await elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions[0]?.TargetHealth?.State === 'healthy' ? true : undefined;
  });
  return balancer ?? {};
}

async function answers(url: string): Promise<true | undefined> {
  return fetch(url).then(
    (answer) => (answer.ok ? true : undefined),
    () => undefined,
  );
}

function privateAddress(task: Task): string {
  return task.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address ?? '';
}

/** Of the first interface that a filter finds, as the host reaches it. */
async function publicAddress(ec2: Clients['ec2'], Name: string, value: string): Promise<string> {
  const { NetworkInterfaces = [] } = await ec2.send(
    new DescribeNetworkInterfacesCommand({ Filters: [{ Name, Values: [value] }] }),
  );
  const address = NetworkInterfaces[0]?.Association?.PublicIp;
  if (!address) throw new Error(`There is no public address for ${value}.`);
  return address;
}
