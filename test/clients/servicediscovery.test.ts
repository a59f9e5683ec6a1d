import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DiscoverInstancesCommand, ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { until } from '../harness/until.ts';

/*
 * Cloud Map with Debian's aws CLI: namespaces, services, instances, and what Route 53 shows of them. DiscoverInstances is
 * asked at `data-HOST`, as the CLI does it; the server as its HTTP proxy lets it arrive.
 */

let server: Longshore;
let aws: Cli;
let proxied: Cli;
let vpcId: string;

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  const run = server.aws.bind(server);
  const viaItself = Object.create(server, {
    aws: { value: (args: readonly string[], env = {}) => run(args, { ...env, HTTP_PROXY: server.endpoint }) },
  }) as Longshore;
  proxied = cliOf(viaItself);
  vpcId = (await aws('ec2 describe-vpcs')).Vpcs[0].VpcId;
});

after(() => server?.remove());

/** Waits for an operation; answers its target. */
async function done({ OperationId }: { OperationId: string }): Promise<string> {
  return until('the operation is done', async () => {
    const { Operation } = await aws('servicediscovery get-operation --operation-id', OperationId);
    assert.notEqual(Operation.Status, 'FAIL', Operation.ErrorMessage);
    return Operation.Status === 'SUCCESS' && String(Object.values(Operation.Targets)[0]);
  });
}

const privateNamespace = async (name: string) =>
  done(await aws(`servicediscovery create-private-dns-namespace --name ${name} --vpc ${vpcId}`));

async function aService(namespaceId: string, name = 'web', ...more: readonly string[]): Promise<any> {
  const dns = ['--dns-config', 'RoutingPolicy=MULTIVALUE,DnsRecords=[{Type=A,TTL=5}]'];
  const base = `servicediscovery create-service --name ${name} --namespace-id ${namespaceId}`;
  return (await aws(base, ...dns, ...more)).Service;
}

const register = async (serviceId: string, id: string, attributes: string) =>
  done(
    await aws(
      `servicediscovery register-instance --service-id ${serviceId} --instance-id ${id} --attributes ${attributes}`,
    ),
  );

describe('Cloud Map', { concurrency: 3 }, () => {
  test('a private namespace has a hosted zone, which is only Cloud Map’s to change', async () => {
    const id = await privateNamespace('zone.internal');
    const { Namespace } = await aws(`servicediscovery get-namespace --id ${id}`);
    assert.equal(Namespace.Type, 'DNS_PRIVATE');
    const zoneId = Namespace.Properties.DnsProperties.HostedZoneId;
    const { HostedZones } = await aws('route53 list-hosted-zones');
    const zone = HostedZones.find(({ Id }: { Id: string }) => Id.endsWith(zoneId));
    assert.deepEqual(
      [zone.Name, zone.Config.PrivateZone, zone.LinkedService.ServicePrincipal],
      ['zone.internal.', true, 'servicediscovery.amazonaws.com'],
    );
    assert.equal(
      await aws.refused(`route53 delete-hosted-zone --id ${zoneId}`),
      `AccessDenied: The resource hostedzone/${zoneId} can only be managed through AWS Cloud Map (${Namespace.Arn})`,
    );

    const service = await aService(id);
    await register(service.Id, 'one', 'AWS_INSTANCE_IPV4=10.0.0.1,stage=beta');
    await register(service.Id, 'two', 'AWS_INSTANCE_IPV4=10.0.0.2,stage=prod');
    const { ResourceRecordSets } = await aws(`route53 list-resource-record-sets --hosted-zone-id ${zoneId}`);
    const values = ResourceRecordSets.filter(({ Type }: { Type: string }) => Type === 'A').flatMap((set: any) =>
      set.ResourceRecords.map(
        ({ Value }: { Value: string }) =>
          `${set.Name} ${set.SetIdentifier} ${set.MultiValueAnswer} ${set.TTL} ${Value}`,
      ),
    );
    assert.deepEqual(values, ['web.zone.internal. one true 5 10.0.0.1', 'web.zone.internal. two true 5 10.0.0.2']);

    const refusal = await aws.refused(`servicediscovery delete-service --id ${service.Id}`);
    assert.match(refusal, /^ResourceInUse: Service contains registered instances/);
    for (const instance of ['one', 'two']) {
      await done(
        await aws(`servicediscovery deregister-instance --service-id ${service.Id} --instance-id ${instance}`),
      );
    }
    assert.match(await aws.refused(`servicediscovery delete-namespace --id ${id}`), /^ResourceInUse: Namespace has/);
    await aws(`servicediscovery delete-service --id ${service.Id}`);
    await done(await aws(`servicediscovery delete-namespace --id ${id}`));
    assert.match(await aws.refused(`route53 get-hosted-zone --id ${zoneId}`), /^NoSuchHostedZone/);
    assert.match(await aws.refused(`servicediscovery get-namespace --id ${id}`), /^NamespaceNotFound/);
  });

  test('instances are discovered by health and attributes, by the CLI and the SDK', async () => {
    const id = await done(await aws('servicediscovery create-http-namespace --name prod'));
    const { Service } = await aws(
      `servicediscovery create-service --name api --namespace-id ${id} --health-check-custom-config FailureThreshold=1`,
    );
    await register(Service.Id, 'one', 'url=http://a.example,stage=beta');
    await register(Service.Id, 'two', 'url=http://b.example,stage=prod');
    await aws(
      `servicediscovery update-instance-custom-health-status --service-id ${Service.Id} --instance-id two --status UNHEALTHY`,
    );
    const discover = 'servicediscovery discover-instances --namespace-name prod --service-name api';
    assert.deepEqual(await proxied(discover), {
      Instances: [
        {
          InstanceId: 'one',
          NamespaceName: 'prod',
          ServiceName: 'api',
          HealthStatus: 'HEALTHY',
          Attributes: { url: 'http://a.example', stage: 'beta' },
        },
      ],
    });
    const all = await proxied(`${discover} --health-status ALL --query-parameters stage=prod`);
    assert.deepEqual(
      all.Instances.map(({ InstanceId }: { InstanceId: string }) => InstanceId),
      ['two'],
    );
    const client = new ServiceDiscoveryClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: await server.credentials(),
      disableHostPrefix: true,
    });
    const found = await client.send(new DiscoverInstancesCommand({ NamespaceName: 'prod', ServiceName: 'api' }));
    assert.deepEqual([found.Instances?.length, found.InstancesRevision], [1, 3]);
    const { Status } = await aws(`servicediscovery get-instances-health-status --service-id ${Service.Id}`);
    assert.deepEqual(Status, { one: 'HEALTHY', two: 'UNHEALTHY' });
  });

  test('a namespace that cannot have its hosted zone fails, and is none', async () => {
    await privateNamespace('twice.internal');
    assert.match(
      await aws.refused(`servicediscovery create-private-dns-namespace --name twice.internal --vpc ${vpcId}`),
      /^NamespaceAlreadyExists/,
    );
    const { OperationId } = await aws(
      'servicediscovery create-private-dns-namespace --name none.internal --vpc vpc-0123456789abcdef0',
    );
    const operation = await until('it has failed', async () => {
      const { Operation } = await aws('servicediscovery get-operation --operation-id', OperationId);
      return Operation.Status === 'FAIL' && Operation;
    });
    assert.equal(operation.ErrorCode, 'CANNOT_CREATE_HOSTED_ZONE');
    assert.match(operation.ErrorMessage, /vpc-0123456789abcdef0/);
    const filter = 'Name=NAME,Values=none.internal';
    assert.deepEqual((await aws('servicediscovery list-namespaces --filters', filter)).Namespaces, []);
  });

  test('tags, operations and refusals', async () => {
    const id = await done(await aws('servicediscovery create-http-namespace --name tagged --tags Key=team,Value=web'));
    const { Namespace } = await aws(`servicediscovery get-namespace --id ${id}`);
    await aws(`servicediscovery tag-resource --resource-arn ${Namespace.Arn} --tags Key=stage,Value=beta`);
    await aws(`servicediscovery untag-resource --resource-arn ${Namespace.Arn} --tag-keys team`);
    const { Tags } = await aws(`servicediscovery list-tags-for-resource --resource-arn ${Namespace.Arn}`);
    assert.deepEqual(Tags, [{ Key: 'stage', Value: 'beta' }]);
    const { Operations } = await aws(`servicediscovery list-operations --filters Name=NAMESPACE_ID,Values=${id}`);
    assert.equal(Operations.length, 1);
    const check = ['--health-check-config', 'Type=HTTP'];
    assert.equal(
      await aws.refused(`servicediscovery create-service --name x --namespace-id ${id}`, ...check),
      'InvalidInput: HealthCheckConfig is not supported by this server.',
    );
    assert.match(await aws.refused('servicediscovery get-service --id srv-none'), /^ServiceNotFound/);
  });
});

test('what was registered is there after a crash', async () => {
  const id = await done(await aws('servicediscovery create-http-namespace --name lasting'));
  const { Service } = await aws(`servicediscovery create-service --name api --namespace-id ${id}`);
  await register(Service.Id, 'one', 'a=b');
  await server.kill9();
  await server.up();
  const { Instance } = await aws(`servicediscovery get-instance --service-id ${Service.Id} --instance-id one`);
  assert.deepEqual(Instance.Attributes, { a: 'b' });
});
