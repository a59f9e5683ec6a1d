import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { cliOf, type Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { until } from '../harness/until.ts';

/* `aws route53` of Debian's CLI, and what the name server answers to clients that are not ours. */

let server: Longshore;
let aws: Cli;
let resolver: Resolver;
let endpoint: Server;
let healthy = true;

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${JSON.parse(await server.file('ports.json')).dnsPort}`]);
  endpoint = createServer((_request, response) => response.writeHead(healthy ? 200 : 503).end());
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  endpoint?.close();
  await server?.remove();
});

async function makeZone(name: string): Promise<string> {
  const line = `route53 create-hosted-zone --name ${name} --caller-reference ${name}`;
  return (await aws(line)).HostedZone.Id.replace('/hostedzone/', '');
}

function change(zone: string, ...changes: readonly object[]) {
  const line = `route53 change-resource-record-sets --hosted-zone-id ${zone} --change-batch`;
  return aws(line, JSON.stringify({ Changes: changes }));
}

function create(Name: string, value: string, more: object = {}) {
  const ResourceRecordSet = { Name, Type: 'A', TTL: 1, ResourceRecords: [{ Value: value }], ...more };
  return { Action: 'CREATE', ResourceRecordSet };
}

describe('aws route53', { concurrency: 4 }, () => {
  test('weighted records answer in proportion', async () => {
    const zone = await makeZone('weighted.test');
    const { ChangeInfo } = await change(
      zone,
      create('www.weighted.test', '192.0.2.1', { SetIdentifier: 'one', Weight: 3 }),
      create('www.weighted.test', '192.0.2.2', { SetIdentifier: 'two', Weight: 1 }),
    );
    await aws(`route53 wait resource-record-sets-changed --id ${ChangeInfo.Id}`);
    await until('the name resolves', () => resolver.resolve4('www.weighted.test').catch(() => undefined));
    const answers: string[][] = [];
    // In rounds that fit into the buffers of UDP sockets.
    for (let round = 0; round < 8; round++) {
      const asked = Array.from({ length: 100 }, () => resolver.resolve4('www.weighted.test'));
      answers.push(...(await Promise.all(asked)));
    }
    const first = answers.filter(([value]) => value === '192.0.2.1').length;
    // Five standard deviations.
    assert.ok(Math.abs(first - 600) < 62, String(first));
    const listed = await aws(
      `route53 list-resource-record-sets --hosted-zone-id ${zone} --query`,
      'ResourceRecordSets[?Weight].[SetIdentifier,Weight]',
    );
    assert.deepEqual(listed, [
      ['one', 3],
      ['two', 1],
    ]);
  });

  test('failover within a few probes', async () => {
    const zone = await makeZone('failover.test');
    const { port } = endpoint.address() as AddressInfo;
    const config = `Type=HTTP,IPAddress=127.0.0.1,Port=${port},RequestInterval=10,FailureThreshold=1`;
    const made = await aws(`route53 create-health-check --caller-reference once --health-check-config ${config}`);
    const HealthCheckId = made.HealthCheck.Id;
    const status = `route53 get-health-check-status --health-check-id ${HealthCheckId} --query`;
    const report = () => aws(status, 'HealthCheckObservations[0].StatusReport.Status');
    await until('the first probe', async () => (await report()) === 'Success: HTTP Status Code 200, OK' || undefined);
    await change(
      zone,
      create('www.failover.test', '192.0.2.1', { SetIdentifier: 'p', Failover: 'PRIMARY', HealthCheckId }),
      create('www.failover.test', '192.0.2.2', { SetIdentifier: 's', Failover: 'SECONDARY' }),
    );
    const answers = (value: string) =>
      until(`the name is ${value}`, async () => {
        const found = await resolver.resolve4('www.failover.test').catch(() => []);
        return found[0] === value || undefined;
      });
    await answers('192.0.2.1');
    healthy = false;
    await answers('192.0.2.2');
    assert.equal(await report(), 'Failure: HTTP Status Code 503, Service Unavailable');
    healthy = true;
    await answers('192.0.2.1');
    await aws(`route53 delete-health-check --health-check-id ${HealthCheckId}`);
    assert.equal(await aws.code(`route53 get-health-check --health-check-id ${HealthCheckId}`), 'NoSuchHealthCheck');
  });

  test('names that are not, names without such records, and every type over the wire', async () => {
    const zone = await makeZone('types.test');
    const of = (Type: string, ...values: readonly string[]) => ({
      Action: 'UPSERT',
      ResourceRecordSet: { Name: 'a.types.test', Type, TTL: 60, ResourceRecords: values.map((Value) => ({ Value })) },
    });
    await change(
      zone,
      of('A', '192.0.2.1'),
      of('TXT', '"one two" "three"'),
      of('MX', '10 mail.types.test'),
      of('SRV', '1 2 8080 a.types.test'),
      of('NAPTR', '100 50 "u" "E2U+sip" "!^.*$!sip:a@b.example!" .'),
      of('CAA', '0 issue "ca.example"'),
      of('HTTPS', '1 . alpn="h2"'),
      of('TLSA', '3 1 1 0a0b'),
    );
    await until('the name resolves', () => resolver.resolve4('a.types.test').catch(() => undefined));
    assert.deepEqual(await resolver.resolveTxt('a.types.test'), [['one two', 'three']]);
    assert.equal((await resolver.resolveMx('a.types.test'))[0]?.exchange, 'mail.types.test');
    assert.equal((await resolver.resolveSrv('a.types.test'))[0]?.port, 8080);
    assert.equal((await resolver.resolveNaptr('a.types.test'))[0]?.service, 'E2U+sip');
    assert.equal((await resolver.resolveCaa('a.types.test'))[0]?.issue, 'ca.example');
    await assert.rejects(resolver.resolve6('a.types.test'), { code: 'ENODATA' });
    await assert.rejects(resolver.resolve4('b.types.test'), { code: 'ENOTFOUND' });
    const asked = `route53 test-dns-answer --hosted-zone-id ${zone} --record-name a.types.test --record-type MX`;
    assert.deepEqual((await aws(asked)).RecordData, ['10 mail.types.test']);
  });

  test('a batch is all or nothing, in the words of AWS', async () => {
    const zone = await makeZone('batch.test');
    const simple = create('www.batch.test', '192.0.2.1');
    await change(zone, simple);
    const line = `route53 change-resource-record-sets --hosted-zone-id ${zone} --change-batch`;
    const refused = (...Changes: readonly object[]) => aws.refused(line, JSON.stringify({ Changes }));
    assert.equal(
      await refused(create('b.batch.test', '192.0.2.1'), simple),
      "InvalidChangeBatch: [Tried to create resource record set [name='www.batch.test.', type='A'] but it already exists]",
    );
    assert.equal(
      await refused(create('www.batch.test', '192.0.2.1', { SetIdentifier: 'x', Weight: 1 })),
      'InvalidChangeBatch: [RRSet with DNS name www.batch.test., type A, SetIdentifier x cannot be created as other RRSets exist with the same name and type.]',
    );
    const limit = await aws(`route53 get-hosted-zone-limit --hosted-zone-id ${zone} --type MAX_RRSETS_BY_ZONE`);
    assert.equal(limit.Count, 3);
    assert.match(
      await aws.refused('route53 create-reusable-delegation-set --caller-reference x'),
      /does not support route53:CreateReusableDelegationSet/,
    );
  });
});
