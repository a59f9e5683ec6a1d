import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cliOf, type Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { must } from '../harness/run.ts';

/* `aws acm` of Debian's CLI: every operation that it knows, on certificates of the built-in authority and imported ones. */

let server: Longshore;
let aws: Cli;
let folder: string;

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  folder = await mkdtemp(join(tmpdir(), 'ls-acm-'));
});
after(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

const describeOne = async (arn: string) => (await aws(`acm describe-certificate --certificate-arn ${arn}`)).Certificate;

/** Files of a self-signed certificate and its key, as the CLI takes them. */
async function selfSigned(name: string): Promise<string> {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const files = ['-keyout', key, '-out', certificate];
  await must('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', ...subject, ...files]);
  return `--certificate fileb://${certificate} --private-key fileb://${key}`;
}

async function request(line: string): Promise<string> {
  return (await aws(`acm request-certificate --validation-method DNS --domain-name ${line}`)).CertificateArn;
}

describe('aws acm', { concurrency: 3 }, () => {
  test('a certificate is validated, renewed, tagged, and deleted', async () => {
    const line = 'web.localhost --idempotency-token once --subject-alternative-names *.web.localhost';
    const arn = await request(line);
    assert.equal(await request(line), arn);
    await aws(`acm wait certificate-validated --certificate-arn ${arn}`);
    const certificate = await describeOne(arn);
    assert.deepEqual(
      [certificate.Status, certificate.Type, certificate.RenewalEligibility, certificate.InUseBy],
      ['ISSUED', 'AMAZON_ISSUED', 'INELIGIBLE', []],
    );
    const files = await aws(`acm get-certificate --certificate-arn ${arn}`);
    await writeFile(join(folder, 'chain.pem'), files.CertificateChain);
    await writeFile(join(folder, 'leaf.pem'), files.Certificate);
    await must('openssl', ['verify', '-CAfile', join(folder, 'chain.pem'), join(folder, 'leaf.pem')]);

    await aws(`acm renew-certificate --certificate-arn ${arn}`);
    await aws(`acm wait certificate-validated --certificate-arn ${arn}`);
    await aws(`acm add-tags-to-certificate --certificate-arn ${arn} --tags Key=a,Value=1 Key=b,Value=2`);
    await aws(`acm remove-tags-from-certificate --certificate-arn ${arn} --tags Key=a`);
    const tags = await aws(`acm list-tags-for-certificate --certificate-arn ${arn}`);
    assert.deepEqual(tags, { Tags: [{ Key: 'b', Value: '2' }] });
    const options = '--options CertificateTransparencyLoggingPreference=DISABLED';
    await aws(`acm update-certificate-options --certificate-arn ${arn} ${options}`);
    assert.deepEqual((await describeOne(arn)).Options, { CertificateTransparencyLoggingPreference: 'DISABLED' });
    const encoded = Buffer.from('secret').toString('base64');
    assert.match(
      await aws.refused(`acm export-certificate --certificate-arn ${arn} --passphrase ${encoded}`),
      /^ValidationException: .* is not exportable/,
    );
    await aws(`acm delete-certificate --certificate-arn ${arn}`);
    assert.equal(await aws.code(`acm get-certificate --certificate-arn ${arn}`), 'ResourceNotFoundException');
  });

  test('a certificate is imported, and imported again under its ARN', async () => {
    const imported = `acm import-certificate ${await selfSigned('imported.example.com')}`;
    const { CertificateArn } = await aws(`${imported} --tags Key=a,Value=1`);
    const first = await describeOne(CertificateArn);
    assert.deepEqual(
      [first.Type, first.Status, first.KeyAlgorithm, first.Issuer, first.DomainValidationOptions],
      ['IMPORTED', 'ISSUED', 'RSA_2048', 'imported.example.com', undefined],
    );
    const again = `acm import-certificate ${await selfSigned('imported.example.com')}`;
    assert.deepEqual(await aws(`${again} --certificate-arn ${CertificateArn}`), { CertificateArn });
    assert.notEqual((await describeOne(CertificateArn)).Serial, first.Serial);
    assert.match(
      await aws.refused(`${again} --certificate-arn ${CertificateArn} --tags Key=b`),
      /^ValidationException: Tagging is not permitted on re-import\.$/,
    );
    assert.match(
      await aws.refused(`acm renew-certificate --certificate-arn ${CertificateArn}`),
      /^InvalidStateException: .*IMPORTED/,
    );
    const listed = await aws('acm list-certificates --certificate-statuses ISSUED --max-items 100');
    const found = listed.CertificateSummaryList.find((one: any) => one.CertificateArn === CertificateArn);
    assert.deepEqual([found.Type, found.InUse, found.DomainName], ['IMPORTED', false, 'imported.example.com']);
    await aws(`acm delete-certificate --certificate-arn ${CertificateArn}`);
  });

  test('what the account is told of ends, and what is not built', async () => {
    assert.deepEqual(await aws('acm get-account-configuration'), { ExpiryEvents: { DaysBeforeExpiry: 45 } });
    await aws('acm put-account-configuration --idempotency-token a --expiry-events DaysBeforeExpiry=30');
    assert.deepEqual(await aws('acm get-account-configuration'), { ExpiryEvents: { DaysBeforeExpiry: 30 } });
    assert.match(
      await aws.refused('acm request-certificate --validation-method EMAIL --domain-name www.example.com'),
      /^ValidationException: ValidationMethod EMAIL/,
    );
    const arn = await request('waiting.example.com');
    assert.equal((await describeOne(arn)).DomainValidationOptions[0].ValidationStatus, 'PENDING_VALIDATION');
    assert.match(
      await aws.refused(`acm renew-certificate --certificate-arn ${arn}`),
      /^InvalidStateException: .*PENDING_VALIDATION/,
    );
  });
});
