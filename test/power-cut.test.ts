import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { DescribeCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
import { DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import { ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import {
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { containersOf, namespacesOf, taskLinks } from './harness/host.ts';
import { Longshore } from './harness/longshore.ts';
import { seededRandom } from './harness/random.ts';
import { must } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { deploySite } from './harness/site.ts';
import type { Site } from './harness/site.ts';
import { given, upsertRecord } from './harness/site-parts.ts';
import { until } from './harness/until.ts';

const IMAGE = `longshore-test-power-cut-${process.pid}:v1`;
/** Every third one is followed by another while the server starts. */
const CUTS = 15;
const TASKS = 10;
/** A task is running some 0.6 s after RunTask, and stopped as soon after StopTask. */
const LONGEST_WAIT_MS = 700;

let server: Longshore;
let site: Site;

before(async () => {
  server = await Longshore.start();
  await buildSiteImage(IMAGE);
  site = await deploySite(server, { name: 'cuts', image: IMAGE, deregistrationDelaySeconds: 0 });
  await site.steady();
});

after(async () => {
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

/** What the API has answered: that must hold, whatever came after. */
interface Answered {
  readonly started: Set<string>;
  readonly stopped: Set<string>;
  desiredCount: number;
}

/** A call that the cut may break off: then nobody knows whether it was heard. */
async function maybe(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    const broken = error instanceof Error && /ECONNRESET|ECONNREFUSED|socket hang up|EPIPE/.test(String(error));
    if (!broken) throw error;
  });
}

async function runOne(definition: string, answered: Answered): Promise<void> {
  for (const task of await site.run(definition)) answered.started.add(task.taskArn ?? '');
}

async function stopOne(answered: Answered): Promise<void> {
  const task = [...answered.started].find((arn) => !answered.stopped.has(arn));
  if (!task) return;
  await site.clients.ecs.send(new StopTaskCommand({ cluster: site.name, task }));
  answered.stopped.add(task);
}

async function scale(desiredCount: number, answered: Answered): Promise<void> {
  await site.update({ desiredCount });
  answered.desiredCount = desiredCount;
}

/** Every task that ECS knows, of the service or not. */
async function allTasks() {
  const arns: string[] = [];
  for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
    const { taskArns = [] } = await site.clients.ecs.send(new ListTasksCommand({ cluster: site.name, desiredStatus }));
    arns.push(...taskArns);
  }
  return arns.length === 0 ? [] : site.describe(arns);
}

/** The API, the engine, the VPC's namespace and the target group agree on what runs. */
async function agreement() {
  const instance = await server.instanceId();
  const tasks = (await allTasks()).filter((task) => task.lastStatus !== 'STOPPED');
  const containers = await containersOf(instance);
  const [namespace = ''] = await namespacesOf(instance);
  const { NetworkInterfaces = [] } = await site.clients.ec2.send(new DescribeNetworkInterfacesCommand({}));
  return {
    running: tasks.filter((task) => task.lastStatus === 'RUNNING').length,
    other: tasks.filter((task) => task.lastStatus !== 'RUNNING').length,
    containers: containers.filter((container) => container.running).length,
    deadContainers: containers.filter((container) => !container.running).length,
    links: (await taskLinks(namespace)).length,
    interfaces: NetworkInterfaces.filter((eni) => !eni.Description?.startsWith('ELB ')).length,
    targets: (await site.targetStates()).length,
  };
}

async function untilAgreed(running: number, targets: number): Promise<void> {
  const wanted = {
    running,
    other: 0,
    containers: 2 * running,
    deadContainers: 0,
    links: running,
    interfaces: running,
    targets,
  };
  let last: unknown;
  await until(`everything agrees on ${running} tasks`, async () => {
    last = await agreement();
    return JSON.stringify(last) === JSON.stringify(wanted);
  }).catch((error: unknown) => {
    assert.deepEqual(last, wanted, String(error));
    throw error;
  });
}

test(`${CUTS} power cuts at random moments: every task ends where it should, and nothing is left over`, async (t: TestContext) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const definition = await site.register();
  const answered: Answered = { started: new Set(), stopped: new Set(), desiredCount: 2 };
  for (let cut = 0; cut < CUTS; cut++) {
    const calls = [
      ...(cut < TASKS ? [maybe(runOne(definition, answered))] : []),
      ...(cut % 2 === 1 ? [maybe(stopOne(answered))] : []),
      ...(cut % 5 === 4 ? [maybe(scale(Math.floor(random() * 4), answered))] : []),
    ];
    await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_WAIT_MS));
    await server.kill9();
    await Promise.all(calls);
    if (cut % 3 === 2) {
      server.boot();
      await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_WAIT_MS));
      await server.kill9();
    }
    await server.up();
  }
  await scale(2, answered);
  await site.steady();
  const oneOffs = (await allTasks()).filter((task) => task.group !== `service:${site.name}`);
  for (const arn of answered.started)
    assert.ok(
      oneOffs.some((task) => task.taskArn === arn),
      `${arn} was answered`,
    );
  for (const arn of answered.stopped) {
    assert.equal(oneOffs.find((task) => task.taskArn === arn)?.desiredStatus, 'STOPPED');
  }
  for (const task of oneOffs) assert.notEqual(task.stopCode, 'TaskFailedToStart', task.stoppedReason);
  const wanted = oneOffs.filter((task) => task.desiredStatus === 'RUNNING');
  t.diagnostic(`${oneOffs.length} tasks, ${wanted.length} of them still wanted`);
  await untilAgreed(wanted.length + 2, 2);
  for (const { taskArn } of wanted) {
    await site.clients.ecs.send(new StopTaskCommand({ cluster: site.name, task: taskArn }));
  }
  await untilAgreed(2, 2);
});

test('what was only just asked for when the power went is done when it is back', async () => {
  const { acm, ec2, elbv2 } = site.clients;
  const cut = async () => {
    await server.kill9();
    await server.up();
  };
  const { LoadBalancers } = await elbv2.send(
    new CreateLoadBalancerCommand({ Name: 'late', Subnets: [...site.parts.placement.subnetIds] }),
  );
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn;
  const { CertificateArn } = await acm.send(
    new RequestCertificateCommand({ DomainName: 'late.cuts.localhost', ValidationMethod: 'DNS' }),
  );
  await cut();
  await until('the load balancer is active', async () => {
    const seen = await elbv2.send(new DescribeLoadBalancersCommand({ Names: ['late'] }));
    return seen.LoadBalancers?.[0]?.State?.Code === 'active';
  });
  const certificate = async () => {
    const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
    return given(Certificate, 'Certificate');
  };
  const record = await until('ACM names the record that proves the name', async () => {
    return (await certificate()).DomainValidationOptions?.[0]?.ResourceRecord;
  });
  const proof = {
    Name: record.Name,
    Type: record.Type,
    TTL: 60,
    ResourceRecords: [{ Value: given(record.Value, 'Value') }],
  };
  await upsertRecord(site.clients, site.parts.hostedZoneId, proof);
  await cut();
  await until('the certificate is issued', async () => (await certificate()).Status === 'ISSUED');
  await elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
  await cut();
  await until('the interfaces of the load balancer are gone', async () => {
    const Filters = [{ Name: 'description', Values: ['ELB app/late/*'] }];
    const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
    return NetworkInterfaces?.length === 0;
  });
  assert.equal((await site.get()).status, 200);
});
