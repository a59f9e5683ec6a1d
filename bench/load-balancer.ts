import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
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
import { must } from '../test/harness/run.ts';
import { requestsPerSecond } from './http-load.ts';
import { alternate } from './measure.ts';
import { printTable } from './report.ts';
import { buildResponderImage } from './responder-image.ts';
import { Site, waitUntil } from './site.ts';
import type { Clients } from './site.ts';

const FOR_MS = 1000;
const ROUNDS = { warmUps: 1, rounds: 5 };

/** Where a client connects, and under which name. */
interface Door {
  readonly port: number;
  readonly name: string;
}

/**
 * HTTPS with connections that are kept:
 *
 *   edge -> the VPC's HAProxy, which ends TLS -> the task      against      one HAProxy, which ends TLS -> the same task
 */
export async function loadBalancer(cleanup: AsyncDisposableStack): Promise<void> {
  const site = await Site.open(cleanup, { build: buildResponderImage, isPublic: true });
  const task = await site.run();
  const folder = await mkdtemp(join(tmpdir(), 'ls-bench-haproxy-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const pem = await makeCertificate(folder);
  const byHand = await startHaproxy(cleanup, folder, await publicAddress(site.clients, task));
  const ours = { port: site.server.httpsPort, name: await makeLoadBalancer(site, task, pem) };
  for (const connections of [1, 16, 64]) {
    const measured = await alternate(ROUNDS, { byHand: load(byHand, connections), ours: load(ours, connections) });
    printTable(`${connections} connection${connections === 1 ? '' : 's'}`, 'requests a second', [
      { what: 'HAProxy by hand', samples: measured.byHand },
      { what: 'edge and load balancer', samples: measured.ours, against: measured.byHand },
    ]);
  }
}

function load({ port, name }: Door, connections: number, forMs = FOR_MS): () => Promise<number> {
  const request = Buffer.from(`GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
  // The certificate is the bench's own, of no authority.
  const options = { host: '127.0.0.1', port, servername: name, rejectUnauthorized: false };
  const connect = () => connectTls({ ...options, ALPNProtocols: ['http/1.1'] });
  return () => requestsPerSecond({ connect, request, connections, forMs });
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

/** What one would write by hand; `cleanup` ends it. */
async function startHaproxy(cleanup: AsyncDisposableStack, folder: string, target: string): Promise<Door> {
  const port = await freePort();
  const config = `global
  maxconn 4096
defaults
  mode http
  timeout client 60s
  timeout connect 5s
  timeout server 60s
frontend site
  bind 127.0.0.1:${port} ssl crt ${join(folder, 'both.pem')} alpn h2,http/1.1 ssl-min-ver TLSv1.2
  http-request set-header X-Forwarded-For %[src]
  default_backend task
backend task
  server task ${target}:80
`;
  await writeFile(join(folder, 'haproxy.cfg'), config);
  const child = spawn('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  cleanup.defer(() => void child.kill());
  const door = { port, name: 'bench.test' };
  await waitUntil('the HAProxy by hand answers', () => answers(door));
  return door;
}

/** Answers the name of a load balancer in front of the task, once it lets requests through. */
async function makeLoadBalancer(site: Site, task: Task, pem: Pem): Promise<string> {
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
  await elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer?.LoadBalancerArn,
      Protocol: 'HTTPS',
      Port: 443,
      Certificates: [{ CertificateArn }],
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  );
  await waitUntil('the target is healthy', async () => {
    const { TargetHealthDescriptions = [] } = await elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions[0]?.TargetHealth?.State === 'healthy' ? true : undefined;
  });
  return balancer?.DNSName ?? '';
}

async function answers(door: Door): Promise<true | undefined> {
  try {
    await load(door, 1, 0)();
    return true;
  } catch {
    return undefined;
  }
}

function privateAddress(task: Task): string {
  return task.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address ?? '';
}

/** Of the task, as the host reaches it. */
async function publicAddress({ ec2 }: Clients, task: Task): Promise<string> {
  const { NetworkInterfaces = [] } = await ec2.send(
    new DescribeNetworkInterfacesCommand({
      Filters: [{ Name: 'addresses.private-ip-address', Values: [privateAddress(task)] }],
    }),
  );
  const address = NetworkInterfaces[0]?.Association?.PublicIp;
  if (!address) throw new Error('The task has no public address.');
  return address;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
