import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  AddTrustStoreRevocationsCommand,
  CreateListenerCommand,
  CreateRuleCommand,
  CreateTrustStoreCommand,
  DeleteTrustStoreCommand,
  DescribeTrustStoreAssociationsCommand,
  type ElasticLoadBalancingV2Client,
  GetTrustStoreCaCertificatesBundleCommand,
  RemoveTrustStoreRevocationsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { testAuthority, type ClientIdentity } from '../src/loadbalancer/haproxy/testing-authority.ts';
import { selfSigned } from '../src/loadbalancer/haproxy/testing-world.ts';
import { cliOf } from './harness/cli.ts';
import type { Cli } from './harness/cli.ts';
import { openIssuer } from './harness/issuer.ts';
import type { Issuer } from './harness/issuer.ts';
import { Longshore } from './harness/longshore.ts';
import { until } from './harness/until.ts';

/*
 * A load balancer of type network in front of an internal one that wants certificates of its clients:
 *
 *   client -> edge, by server name -> network (TCP) -> application (HTTPS, mutual TLS) -> a fixed response
 */

const PKI = testAuthority();
const SERVER = selfSigned('inner.test');

let server: Longshore;
let aws: Cli;
let elbv2: ElasticLoadBalancingV2Client;
let subnets: readonly string[];
let vpc: string;
let inner: string;
let secure: string;
let outer: any;
let trustStore: string;
let issuer: Issuer;

before(async () => {
  issuer = await openIssuer();
  server = await Longshore.start();
  aws = cliOf(server);
  const { Subnets } = await aws('ec2 describe-subnets');
  vpc = Subnets[0].VpcId;
  subnets = Subnets.slice(0, 2).map((subnet: any) => subnet.SubnetId);
  await aws('s3api create-bucket --bucket pki');
  const file = async (name: string, text: string) => {
    const path = join(server.home, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  for (const [key, text] of [['ca.pem', PKI.authority] as const, ['list.pem', PKI.list] as const]) {
    await aws(`s3api put-object --bucket pki --key ${key} --body ${await file(`client-${key}`, text)}`);
  }
  const [certificate, key] = [await file('inner.pem', SERVER), await file('inner.key', SERVER)];
  const imported = `acm import-certificate --certificate fileb://${certificate} --private-key fileb://${key}`;
  const { CertificateArn } = await aws(imported);
  ({ elbv2 } = await server.clients());
  const bundle = { CaCertificatesBundleS3Bucket: 'pki', CaCertificatesBundleS3Key: 'ca.pem' };
  const { TrustStores = [] } = await elbv2.send(new CreateTrustStoreCommand({ Name: 'clients', ...bundle }));
  trustStore = TrustStores[0]?.TrustStoreArn ?? '';
  // The inner one has the default group, whose only members it lets in.
  const [byDefault] = (await aws('ec2 describe-security-groups --group-names default')).SecurityGroups;
  const ingress = `ec2 authorize-security-group-ingress --group-id ${byDefault.GroupId} --protocol tcp --port 443`;
  await aws(`${ingress} --cidr 172.31.0.0/16`);
  const create = `elbv2 create-load-balancer --subnets ${subnets.join(' ')} --name`;
  inner = (await aws(`${create} inner --scheme internal`)).LoadBalancers[0].LoadBalancerArn;
  const hello = { StatusCode: '200', MessageBody: 'hello', ContentType: 'text/plain' };
  const { Listeners = [] } = await elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn: inner,
      Protocol: 'HTTPS',
      Port: 443,
      Certificates: [{ CertificateArn }],
      MutualAuthentication: { Mode: 'verify', TrustStoreArn: trustStore },
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: hello }],
    }),
  );
  secure = Listeners[0]?.ListenerArn ?? '';
  outer = (await aws(`${create} outer --type network`)).LoadBalancers[0];
});
after(async () => {
  await server?.remove();
  await issuer?.close();
});

/** Asks over the host's own HTTPS port for the network load balancer's name. */
function ask(client?: ClientIdentity, path = '/', token?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const tls = { ca: SERVER, servername: outer.DNSName, checkServerIdentity: () => undefined, ...client };
    const agent = new Agent({ keepAlive: false });
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const req = request({ host: '127.0.0.1', port: server.httpsPort, path, headers, agent, ...tls }, (res) => {
      let body = '';
      res.on('data', (bytes) => (body += String(bytes)));
      res.on('end', () => resolve(`${res.statusCode} ${body}`));
    });
    req.on('error', reject);
    req.end();
  });
}

test('TCP goes to targets, whatever is said over it, and only clients of the authority get through', async () => {
  assert.equal(outer.Type, 'network');
  assert.equal(outer.SecurityGroups, undefined);
  await aws(`elbv2 wait load-balancer-available --load-balancer-arns ${outer.LoadBalancerArn} ${inner}`);
  const group = `elbv2 create-target-group --name inner --protocol TCP --port 443 --target-type ip --vpc-id ${vpc}`;
  const checks = '--health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2';
  const { TargetGroupArn: groupArn } = (await aws(`${group} ${checks}`)).TargetGroups[0];
  const name = inner.split(':loadbalancer/')[1];
  const found = await aws(`ec2 describe-network-interfaces --filters Name=description,Values=*${name}`);
  const targets = found.NetworkInterfaces.map((one: any) => `Id=${one.PrivateIpAddress}`);
  await aws(`elbv2 register-targets --target-group-arn ${groupArn} --targets ${targets.join(' ')}`);
  const listen = `elbv2 create-listener --load-balancer-arn ${outer.LoadBalancerArn} --port 443 --protocol`;
  const forward = `--default-actions Type=forward,TargetGroupArn=${groupArn}`;
  assert.match(await aws.refused(`${listen} UDP ${forward}`), /^ValidationError: .*'UDP' is not supported/);
  await aws(`${listen} TCP ${forward}`);
  await aws(`elbv2 wait target-in-service --target-group-arn ${groupArn}`);
  const stranger = testAuthority().good;
  await until('the edge passes the name on', async () =>
    ask(PKI.good).then(
      (said) => said === '200 hello',
      () => false,
    ),
  );
  for (const client of [undefined, stranger]) await assert.rejects(ask(client));
  assert.equal(await ask(PKI.revoked), '200 hello');
});

test('a revoked certificate is refused once its list is there, and no longer when it is removed', async () => {
  const RevocationContents = [{ S3Bucket: 'pki', S3Key: 'list.pem' }];
  const { TrustStoreRevocations = [] } = await elbv2.send(
    new AddTrustStoreRevocationsCommand({ TrustStoreArn: trustStore, RevocationContents }),
  );
  assert.equal(TrustStoreRevocations[0]?.NumberOfRevokedEntries, 1);
  const getsThrough = () =>
    ask(PKI.revoked).then(
      () => true,
      () => false,
    );
  await until('the revoked client is refused', async () => !(await getsThrough()));
  assert.equal(await ask(PKI.good), '200 hello');
  const RevocationIds = TrustStoreRevocations.map((list) => list.RevocationId ?? 0);
  await elbv2.send(new RemoveTrustStoreRevocationsCommand({ TrustStoreArn: trustStore, RevocationIds }));
  await until('the client gets through again', getsThrough);
  const named = { TrustStoreArn: trustStore };
  await assert.rejects(elbv2.send(new DeleteTrustStoreCommand(named)), { name: 'TrustStoreInUseException' });
  const uses = await elbv2.send(new DescribeTrustStoreAssociationsCommand(named));
  assert.deepEqual(uses.TrustStoreAssociations, [{ ResourceArn: secure }]);
});

test('a rule lets in who has a token of the issuer, whose keys the server fetches', async () => {
  const JwtValidationConfig = { JwksEndpoint: `${issuer.url}/keys`, Issuer: issuer.url };
  const answer = { StatusCode: '200', MessageBody: 'let in', ContentType: 'text/plain' };
  await elbv2.send(
    new CreateRuleCommand({
      ListenerArn: secure,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/api/*'] }],
      Actions: [
        { Type: 'jwt-validation', Order: 1, JwtValidationConfig },
        { Type: 'fixed-response', Order: 2, FixedResponseConfig: answer },
      ],
    }),
  );
  const token = issuer.sign({ exp: Math.floor(Date.now() / 1000) + 600 });
  await until('the token is taken', async () => (await ask(PKI.good, '/api/x', token)) === '200 let in');
  assert.match(await ask(PKI.good, '/api/x'), /^401 /);
  assert.match(await ask(PKI.good, '/api/x', issuer.sign({ exp: 1 })), /^401 /);
  assert.equal(await ask(PKI.good), '200 hello');
});

test('a group of type alb leads the same way; the files of the trust store are read back', async () => {
  const [byDefault] = (await aws('ec2 describe-security-groups --group-names default')).SecurityGroups;
  const ingress = `ec2 authorize-security-group-ingress --group-id ${byDefault.GroupId} --protocol tcp --port 80`;
  await aws(`${ingress} --cidr 172.31.0.0/16`);
  const answer = 'Type=fixed-response,FixedResponseConfig={StatusCode=204}';
  await aws(`elbv2 create-listener --load-balancer-arn ${inner} --protocol HTTP --port 80 --default-actions ${answer}`);
  const checks =
    '--health-check-port 80 --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2';
  const group = `elbv2 create-target-group --name behind --protocol TCP --port 443 --target-type alb --vpc-id ${vpc}`;
  const { TargetGroupArn: arn } = (await aws(`${group} ${checks}`)).TargetGroups[0];
  const { Listeners } = await aws(`elbv2 describe-listeners --load-balancer-arn ${outer.LoadBalancerArn}`);
  const forward = `--default-actions Type=forward,TargetGroupArn=${arn}`;
  await aws(`elbv2 modify-listener --listener-arn ${Listeners[0].ListenerArn} ${forward}`);
  await aws(`elbv2 register-targets --target-group-arn ${arn} --targets Id=${inner}`);
  await until('it is healthy', async () => {
    const { TargetHealthDescriptions } = await aws(`elbv2 describe-target-health --target-group-arn ${arn}`);
    return TargetHealthDescriptions[0].TargetHealth.State === 'healthy';
  });
  await until('requests get through', async () => (await ask(PKI.good).catch(() => '')) === '200 hello');
  assert.match(await aws.refused(`elbv2 delete-load-balancer --load-balancer-arn ${inner}`), /^ResourceInUse: /);
  await aws(`elbv2 deregister-targets --target-group-arn ${arn} --targets Id=${inner}`);
  const named = { TrustStoreArn: trustStore };
  const { Location = '' } = await elbv2.send(new GetTrustStoreCaCertificatesBundleCommand(named));
  assert.equal(await (await fetch(Location)).text(), PKI.authority);
});

test('what was made goes, and the group that let everyone in with it', async () => {
  await aws(`elbv2 delete-load-balancer --load-balancer-arn ${outer.LoadBalancerArn}`);
  await aws(`elbv2 delete-load-balancer --load-balancer-arn ${inner}`);
  await elbv2.send(new DeleteTrustStoreCommand({ TrustStoreArn: trustStore }));
  const open = `ec2 describe-security-groups --filters Name=group-name,Values=default_elb_${vpc}`;
  await until('the open group is gone', async () => (await aws(open)).SecurityGroups.length === 0);
});
