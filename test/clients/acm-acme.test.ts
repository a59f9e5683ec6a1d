import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { TestAcmeServer } from '../../src/pki/acme/testing-acme-server.ts';
import { testSigner } from '../../src/pki/acme/testing-signer.ts';
import { cliOf, type Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { until } from '../harness/until.ts';

/* `aws acm` of Debian's CLI, with certificates from an ACME directory that fetches challenges through the edge. */

let authority: TestAcmeServer;
let server: Longshore;
let aws: Cli;

before(async () => {
  const { sign } = await testSigner(Date.now());
  authority = new TestAcmeServer({ sign, fetchChallenge });
  await authority.listen();
  server = await Longshore.start({
    args: ['--acme-directory', authority.directoryUrl, '--acme-email', 'a@example.com'],
  });
  aws = cliOf(server);
});
after(async () => {
  await server?.remove();
  await authority?.close();
});

/** As an authority on the Internet does: by the name, at port 80, which is the edge's. */
function fetchChallenge(host: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.httpPort, path, headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    asked.on('error', reject).end();
  });
}

const describeOne = async (arn: string) => (await aws(`acm describe-certificate --certificate-arn ${arn}`)).Certificate;

async function issued(name: string): Promise<string> {
  const line = `acm request-certificate --validation-method DNS --domain-name ${name}`;
  const { CertificateArn } = await aws(line);
  await until(`${name} is certified`, async () => (await describeOne(CertificateArn)).Status === 'ISSUED' || undefined);
  return CertificateArn;
}

describe('aws acm with an ACME directory', () => {
  test('a public name is certified over HTTP-01, though nonces are refused, and renewed', async () => {
    await until('the edge answers', () => fetchChallenge('x', '/').catch(() => undefined));
    authority.failures.push('badNonce');
    const arn = await issued('www.example.com');
    const { Certificate, CertificateChain } = await aws(`acm get-certificate --certificate-arn ${arn}`);
    const leaf = new X509Certificate(Certificate);
    assert.equal(leaf.subjectAltName, 'DNS:www.example.com');
    assert.ok(leaf.verify(new X509Certificate(CertificateChain).publicKey));
    const { Serial } = await describeOne(arn);
    await aws(`acm renew-certificate --certificate-arn ${arn}`);
    await until('it is renewed', async () => (await describeOne(arn)).Serial !== Serial || undefined);
    assert.equal(authority.accounts, 1);
  });

  test('names of this machine go on to come from the built-in authority', async () => {
    const orders = authority.log.length;
    const arn = await issued('web.localhost');
    assert.match((await describeOne(arn)).Issuer, /Longshore Root CA/);
    assert.equal(authority.log.length, orders);
  });

  test('a challenge that is not laid out is not there', async () => {
    assert.match(await fetchChallenge('www.example.com', '/.well-known/acme-challenge/x'), /no such challenge/);
    assert.match(await fetchChallenge('www.example.com', '/'), /No load balancer/);
  });
});
