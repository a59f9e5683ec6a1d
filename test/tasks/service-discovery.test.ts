import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateServiceCommand, DeleteServiceCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { AuthorizeSecurityGroupIngressCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import {
  CreatePrivateDnsNamespaceCommand,
  CreateServiceCommand as CreateDiscoveryServiceCommand,
  GetNamespaceCommand,
  GetOperationCommand,
  ListInstancesCommand,
} from '@aws-sdk/client-servicediscovery';
import type { DnsRecord } from '@aws-sdk/client-servicediscovery';
import { must } from '../harness/run.ts';
import { given } from '../harness/site-parts.ts';
import { TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';

/*
 * Tasks of an ECS service are found by name from within the VPC: A and SRV records of a Cloud Map namespace, which follow
 * the tasks as they come and go, through a crash of the server too.
 */

let lab: TaskLab;
let namespaceId: string;
let client: string;

before(async () => {
  lab = await TaskLab.open('names');
  const { ec2, servicediscovery } = lab.clients;
  const { Subnets = [] } = await ec2.send(
    new DescribeSubnetsCommand({ SubnetIds: [given(lab.placement.subnetIds[0], 'subnet')] }),
  );
  const { OperationId } = await servicediscovery.send(
    new CreatePrivateDnsNamespaceCommand({ Name: 'names.internal', Vpc: given(Subnets[0]?.VpcId, 'VpcId') }),
  );
  namespaceId = await until('the namespace stands', async () => {
    const { Operation } = await servicediscovery.send(new GetOperationCommand({ OperationId }));
    if (Operation?.Status === 'FAIL') throw new Error(Operation.ErrorMessage);
    return Operation?.Status === 'SUCCESS' && given(Operation.Targets?.NAMESPACE, 'namespace');
  });
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: lab.placement.taskGroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  );
  const task = await lab.running({ containers: { shell: { run: 'sleep 100000' } } });
  client = given(task.containers?.[0]?.runtimeId, 'runtimeId');
});

after(() => lab?.remove());

const inClient = (script: string) => must('docker', ['exec', client, '/bin/sh', '-c', script]);

/** The addresses that the VPC's resolver answers for a name. */
async function addresses(name: string): Promise<string[]> {
  const stdout = await inClient(`nslookup -type=a ${name} | tail -n +3 || true`);
  return [...stdout.matchAll(/Address: (\S+)/g)].map(([, address = '']) => address).toSorted();
}

async function discoveryService(name: string, record: DnsRecord): Promise<string> {
  const { Service } = await lab.clients.servicediscovery.send(
    new CreateDiscoveryServiceCommand({
      Name: name,
      NamespaceId: namespaceId,
      DnsConfig: { DnsRecords: [record] },
      HealthCheckCustomConfig: { FailureThreshold: 1 },
    }),
  );
  return given(Service?.Arn, 'Arn');
}

async function ecsService(name: string, registryArn: string, port: number | undefined): Promise<void> {
  const run = 'mkdir /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www';
  const taskDefinition = await lab.register({ containers: { web: { run, portMappings: [{ containerPort: 8080 }] } } });
  await lab.clients.ecs.send(
    new CreateServiceCommand({
      cluster: 'names',
      serviceName: name,
      taskDefinition,
      launchType: 'FARGATE',
      desiredCount: 2,
      serviceRegistries: [{ registryArn, ...(port !== undefined && { port }) }],
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [...lab.placement.subnetIds],
          securityGroups: [lab.placement.taskGroupId],
          assignPublicIp: 'ENABLED',
        },
      },
    }),
  );
}

async function registered(ServiceId: string): Promise<string[]> {
  const { Instances = [] } = await lab.clients.servicediscovery.send(new ListInstancesCommand({ ServiceId }));
  return Instances.map(({ Attributes }) => Attributes?.['AWS_INSTANCE_IPV4'] ?? '').toSorted();
}

const scale = (service: string, desiredCount: number) =>
  lab.clients.ecs.send(new UpdateServiceCommand({ cluster: 'names', service, desiredCount }));

test('tasks of a service are found by name, and reached', async () => {
  const arn = await discoveryService('web', { Type: 'A', TTL: 0 });
  await ecsService('web', arn, undefined);
  await until('two tasks are registered', async () => (await registered(arn)).length === 2);
  const two = await registered(arn);
  await until('both are answered', async () => (await addresses('web.names.internal')).join() === two.join());
  const visit = 'timeout 2 wget -q -O - http://web.names.internal:8080/ || true';
  await until('one is reached by its name', async () => /\S/.test(await inClient(visit)));

  await scale('web', 1);
  await until('one is left', async () => (await registered(arn)).length === 1);
  const one = await registered(arn);
  await until('one is answered', async () => (await addresses('web.names.internal')).join() === one.join());

  await lab.server.kill9();
  await lab.server.up();
  await until(
    'it is answered after a crash',
    async () => (await addresses('web.names.internal')).join() === one.join(),
  );
  await scale('web', 2);
  await until('two are answered again', async () => (await addresses('web.names.internal')).length === 2);

  await lab.clients.ecs.send(new DeleteServiceCommand({ cluster: 'names', service: 'web', force: true }));
  await until('none is registered', async () => (await registered(arn)).length === 0);
  await until('none is answered', async () => (await addresses('web.names.internal')).length === 0);
  const { Namespace } = await lab.clients.servicediscovery.send(new GetNamespaceCommand({ Id: namespaceId }));
  assert.equal(Namespace?.ServiceCount, 1);
});

test('SRV records tell the port, and point to the task', async () => {
  const arn = await discoveryService('api', { Type: 'SRV', TTL: 0 });
  await ecsService('api', arn, 8080);
  await until('two tasks are registered', async () => (await registered(arn)).length === 2);
  const hosts = await until('both are answered', async () => {
    const stdout = await inClient('nslookup -type=srv api.names.internal || true');
    const found = [...stdout.matchAll(/1 1 8080 (\S+\.api\.names\.internal)/g)].map(([, host = '']) => host);
    return found.length === 2 && found;
  });
  const found = await Promise.all(hosts.map(addresses));
  assert.deepEqual(found.flat().toSorted(), await registered(arn));
});

test('the host that SDKs make of the endpoint in a task, for DiscoverInstances, is that endpoint', async () => {
  assert.deepEqual(await addresses('data-169.254.170.2'), ['169.254.170.2']);
  // Refused, for it is not signed: it has arrived.
  assert.match(await inClient('wget -qO- http://data-169.254.170.2/ 2>&1 || true'), /server returned error: HTTP/);
});
