import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { allowing, trusting } from '../harness/roles.ts';
import { until } from '../harness/until.ts';

/*
 * `aws iam` of Debian's CLI: what they may do. Policies and their versions, attachments, the simulators, and what there
 * is to say of the whole account.
 */

const ACCOUNT = 'arn:aws:iam::123456789012';
const READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/;
const LISTS = allowing(['ecs:ListClusters']);
const TRUST = trusting({ Service: 'ecs-tasks.amazonaws.com' });

let server: Longshore;
let aws: Cli;

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
});

after(() => server?.remove());

function statement(parts: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...parts } });
}

describe('aws iam', { concurrency: 4 }, () => {
  test('managed policies', async () => {
    const create = 'iam create-policy --policy-name reader';
    const { Policy } = await aws(create, '--path', '/team/', '--description', 'reads', '--policy-document', LISTS);
    const { Arn, PolicyId, CreateDate } = Policy;
    assert.equal(Arn, `${ACCOUNT}:policy/team/reader`);
    assert.match(PolicyId, /^ANPA[A-Z2-7]{17}$/);
    assert.match(CreateDate, DATE);
    assert.deepEqual([Policy.DefaultVersionId, Policy.AttachmentCount, Policy.IsAttachable], ['v1', 0, true]);
    assert.equal(Policy.Description, undefined, 'AWS tells it with GetPolicy only');
    await aws('iam create-user --user-name reader');
    await aws('iam attach-user-policy --user-name reader --policy-arn', Arn);
    const [found, local, attached, entities, again, missing, held] = await Promise.all([
      aws('iam get-policy --policy-arn', Arn),
      aws('iam list-policies --scope Local --path-prefix /team/'),
      aws('iam list-attached-user-policies --user-name reader'),
      aws('iam list-entities-for-policy --policy-arn', Arn),
      aws.refused(create, '--policy-document', LISTS),
      aws.refused(`iam get-policy --policy-arn ${ACCOUNT}:policy/none`),
      aws.refused('iam delete-policy --policy-arn', Arn),
    ]);
    assert.deepEqual([found.Policy.Description, found.Policy.AttachmentCount], ['reads', 1]);
    assert.deepEqual(
      local.Policies.map((policy: any) => policy.Arn),
      [Arn],
    );
    assert.deepEqual(attached, { AttachedPolicies: [{ PolicyName: 'reader', PolicyArn: Arn }] });
    assert.equal(entities.PolicyUsers[0].UserName, 'reader');
    assert.equal(again, 'EntityAlreadyExists: A policy called reader already exists. Duplicate names are not allowed.');
    assert.equal(missing, `NoSuchEntity: Policy ${ACCOUNT}:policy/none was not found.`);
    assert.equal(held, 'DeleteConflict: Cannot delete a policy attached to entities.');
    await aws('iam detach-user-policy --user-name reader --policy-arn', Arn);
    assert.equal(await aws.code('iam detach-user-policy --user-name reader --policy-arn', Arn), 'NoSuchEntity');
    await aws('iam delete-policy --policy-arn', Arn);
    assert.equal(await aws.code('iam get-policy --policy-arn', Arn), 'NoSuchEntity');
  });

  test('versions of a policy', async () => {
    const Arn = `${ACCOUNT}:policy/versions`;
    const of = `--policy-arn ${Arn}`;
    await aws('iam create-policy --policy-name versions --policy-document', LISTS);
    const other = allowing(['ecs:DescribeClusters']);
    const add = `iam create-policy-version ${of} --policy-document`;
    const second = await aws(add, other, '--set-as-default');
    assert.deepEqual([second.PolicyVersion.VersionId, second.PolicyVersion.IsDefaultVersion], ['v2', true]);
    for (let version = 3; version <= 5; version++) await aws(add, LISTS);
    const [listed, text, sixth, current, unknown, several] = await Promise.all([
      aws(`iam list-policy-versions ${of}`),
      aws(`iam get-policy-version ${of} --version-id v2`),
      aws.refused(add, LISTS),
      aws.refused(`iam delete-policy-version ${of} --version-id v2`),
      aws.refused(`iam set-default-policy-version ${of} --version-id v9`),
      aws.refused(`iam delete-policy ${of}`),
    ]);
    assert.deepEqual(
      listed.Versions.map((version: any) => `${version.VersionId} ${version.IsDefaultVersion}`),
      ['v5 false', 'v4 false', 'v3 false', 'v2 true', 'v1 false'],
    );
    assert.deepEqual(text.PolicyVersion.Document, JSON.parse(other));
    assert.equal(
      sixth,
      'LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    );
    assert.equal(current, 'DeleteConflict: Cannot delete the default version of a policy.');
    assert.equal(unknown, `NoSuchEntity: Policy ${Arn} version v9 does not exist or is not attachable.`);
    assert.equal(
      several,
      "DeleteConflict: This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    );
    await aws(`iam set-default-policy-version ${of} --version-id v3`);
    await aws(`iam delete-policy-version ${of} --version-id v2`);
    assert.equal((await aws(add, LISTS)).PolicyVersion.VersionId, 'v6', 'a number is given once');
    assert.equal((await aws(`iam get-policy ${of}`)).Policy.DefaultVersionId, 'v3');
  });

  test('AWS’s own policies', async () => {
    const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
    const [page, { Policies }, version, deleted, attached, role] = await Promise.all([
      aws('iam list-policies --scope AWS --max-items 2'),
      aws('iam list-policies --scope AWS'),
      aws(`iam get-policy-version --policy-arn ${admin} --version-id v1`),
      aws.refused('iam delete-policy --policy-arn', admin),
      aws.code('iam create-policy-version --set-as-default --policy-arn', admin, '--policy-document', LISTS),
      aws('iam create-role --role-name plain --assume-role-policy-document', TRUST),
    ]);
    assert.equal(page.Policies.length, 2);
    const next = await aws('iam list-policies --scope AWS --max-items 2 --starting-token', page.NextToken);
    const arns = Policies.map((policy: any) => policy.Arn);
    assert.deepEqual(
      [...page.Policies, ...next.Policies].map((policy: any) => policy.Arn),
      arns.slice(0, 4),
    );
    const containers = ['AmazonECS_FullAccess', 'AmazonEC2ContainerRegistryPowerUser', 'ReadOnlyAccess'];
    for (const name of containers) assert.ok(arns.includes(`arn:aws:iam::aws:policy/${name}`), name);
    assert.ok(arns.includes('arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'));
    const [everything] = version.PolicyVersion.Document.Statement;
    assert.deepEqual([everything.Effect, everything.Action, everything.Resource], ['Allow', '*', '*']);
    assert.match(deleted, /^AccessDenied: /);
    assert.equal(attached, 'AccessDenied');
    const linked = 'arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy';
    const [service, unknown] = await Promise.all([
      aws.refused(`iam attach-role-policy --role-name ${role.Role.RoleName} --policy-arn`, linked),
      aws.refused('iam attach-role-policy --role-name plain --policy-arn arn:aws:iam::aws:policy/NoSuchThing'),
    ]);
    assert.equal(service, 'PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role.');
    assert.equal(
      unknown,
      'NoSuchEntity: Policy arn:aws:iam::aws:policy/NoSuchThing does not exist or is not attachable.',
    );
  });

  test('documents that are none are refused, and nothing is kept of them', async () => {
    await aws('iam create-user --user-name strict');
    const put = 'iam put-user-policy --user-name strict --policy-name p --policy-document';
    const list = { Action: 'ecs:ListClusters', Resource: '*' };
    const twice = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Sid: 'a', Effect: 'Allow', ...list },
        { Sid: 'a', Effect: 'Allow', ...list },
      ],
    });
    const cases: readonly (readonly [document: string, message: string])[] = [
      ['{"Version":', 'Syntax errors in policy.'],
      ['{}', 'Syntax errors in policy.'],
      [statement({ Resource: '*' }), 'Policy statement must contain actions.'],
      [statement({ Action: 'ecs:ListClusters' }), 'Policy statement must contain resources.'],
      [
        statement({ ...list, Action: 'ListClusters' }),
        'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
      ],
      [statement({ ...list, Resource: 'cluster/a' }), 'Resource cluster/a must be in ARN format or "*".'],
      [statement({ ...list, Principal: '*' }), 'Policy document should not specify a principal.'],
      [statement({ ...list, Condition: { StringNearly: { 'aws:username': 'a' } } }), 'Syntax errors in policy.'],
      [twice, 'Statement IDs (SID) in a single policy must be unique.'],
    ];
    const said = await Promise.all(cases.map(([document]) => aws.refused(put, document)));
    assert.deepEqual(
      said,
      cases.map(([, message]) => `MalformedPolicyDocument: ${message}`),
    );
    const long = statement({
      ...list,
      Resource: Array.from({ length: 60 }, (_, i) => `arn:aws:ecs:us-east-1:1234:cluster/c-${i}`),
    });
    assert.equal(
      await aws.refused(put, long),
      'LimitExceeded: Maximum policy size of 2048 bytes exceeded for user strict',
    );
    assert.deepEqual(await aws('iam list-user-policies --user-name strict'), { PolicyNames: [] });
    const { Version: _, ...unversioned } = JSON.parse(LISTS);
    assert.equal(
      await aws.refused('iam create-policy --policy-name p --policy-document', JSON.stringify(unversioned)),
      'MalformedPolicyDocument: A managed policy must have a version string',
    );
  });

  test('inline policies of users and roles come back as they went in', async () => {
    await aws('iam create-user --user-name inline');
    await aws('iam create-role --role-name inline --assume-role-policy-document', TRUST);
    const document = allowing(['s3:GetObject'], ['arn:aws:s3:::a-bucket/größe & <zeichen>+%20/*'], {
      StringLike: { 'aws:PrincipalTag/team': ['a*', '${*}'] },
    });
    for (const kind of ['user', 'role']) {
      const of = `--${kind}-name inline`;
      await aws(`iam put-${kind}-policy ${of} --policy-name first --policy-document`, document);
      await aws(`iam put-${kind}-policy ${of} --policy-name second --policy-document`, LISTS);
      const got = await aws(`iam get-${kind}-policy ${of} --policy-name first`);
      assert.deepEqual(got.PolicyDocument, JSON.parse(document), kind);
      assert.deepEqual(await aws(`iam list-${kind}-policies ${of}`), { PolicyNames: ['first', 'second'] });
      await aws(`iam delete-${kind}-policy ${of} --policy-name first`);
      assert.equal(
        await aws.refused(`iam get-${kind}-policy ${of} --policy-name first`),
        `NoSuchEntity: The ${kind} policy with name first cannot be found.`,
      );
    }
  });

  test('the simulators decide as the gateway does', async () => {
    await aws('iam create-user --user-name simulated --permissions-boundary', READ_ONLY);
    const mine = 'arn:aws:ecs:us-east-1:123456789012:cluster/mine';
    const document = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'ecs:*', Resource: '*' },
        { Effect: 'Deny', Action: 'ecs:DescribeClusters', NotResource: mine },
      ],
    });
    await aws('iam put-user-policy --user-name simulated --policy-name p --policy-document', document);
    const decisions = ({ EvaluationResults }: any) =>
      Object.fromEntries(EvaluationResults.map((one: any) => [one.EvalActionName, one.EvalDecision]));
    const principal = `iam simulate-principal-policy --policy-source-arn ${ACCOUNT}:user/simulated`;
    const custom = 'iam simulate-custom-policy --action-names ecs:ListClusters iam:ListUsers --policy-input-list';
    const actions = '--action-names ecs:DescribeClusters ecs:DeleteCluster iam:ListUsers';
    const other = 'arn:aws:ecs:us-east-1:123456789012:cluster/other';
    const [onMine, onOther, alone, keys, unknown] = await Promise.all([
      aws(`${principal} ${actions} --resource-arns ${mine}`),
      aws(`${principal} --action-names ecs:DescribeClusters --resource-arns ${other}`),
      aws(custom, LISTS),
      aws(
        'iam get-context-keys-for-custom-policy --policy-input-list',
        allowing(['ecs:*'], ['*'], { ArnEquals: { 'ecs:cluster': mine } }),
      ),
      aws.code(
        `iam simulate-principal-policy --action-names ecs:ListClusters --policy-source-arn ${ACCOUNT}:user/none`,
      ),
    ]);
    assert.deepEqual(decisions(onMine), {
      'ecs:DescribeClusters': 'allowed',
      'ecs:DeleteCluster': 'implicitDeny',
      'iam:ListUsers': 'implicitDeny',
    });
    assert.deepEqual(decisions(onOther), { 'ecs:DescribeClusters': 'explicitDeny' });
    assert.equal(onOther.EvaluationResults[0].MatchedStatements[0].SourcePolicyType, 'IAM Policy');
    assert.deepEqual(decisions(alone), { 'ecs:ListClusters': 'allowed', 'iam:ListUsers': 'implicitDeny' });
    assert.deepEqual(keys, { ContextKeyNames: ['ecs:cluster'] });
    assert.equal(unknown, 'NoSuchEntity');
  });

  test('OpenID Connect providers', async () => {
    const Arn = `${ACCOUNT}:oidc-provider/token.example.com/org`;
    const of = `--open-id-connect-provider-arn ${Arn}`;
    const thumbprints = ['--thumbprint-list', '6938fd4d98bab03faadb97b34396831e3780aea1'];
    const create = 'iam create-open-id-connect-provider --url https://token.example.com/org --client-id-list';
    const made = await aws(create, 'sts.amazonaws.com', ...thumbprints);
    assert.deepEqual(made, { OpenIDConnectProviderArn: Arn });
    assert.equal(
      await aws.refused(create, 'sts.amazonaws.com', ...thumbprints),
      'EntityAlreadyExists: Provider with url https://token.example.com/org already exists.',
    );
    await aws(`iam add-client-id-to-open-id-connect-provider ${of} --client-id second`);
    await aws(`iam remove-client-id-from-open-id-connect-provider ${of} --client-id sts.amazonaws.com`);
    await aws(`iam tag-open-id-connect-provider ${of} --tags Key=a,Value=b`);
    const { CreateDate, ...found } = await aws(`iam get-open-id-connect-provider ${of}`);
    assert.match(CreateDate, DATE);
    assert.deepEqual(found, {
      Url: 'token.example.com/org',
      ClientIDList: ['second'],
      ThumbprintList: [thumbprints[1]],
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    assert.deepEqual(await aws('iam list-open-id-connect-providers'), { OpenIDConnectProviderList: [{ Arn }] });
    await aws(`iam delete-open-id-connect-provider ${of}`);
    assert.equal(await aws.code(`iam get-open-id-connect-provider ${of}`), 'NoSuchEntity');
  });

  test('the account: its alias, its report, its sum, all of its details', async () => {
    await aws('iam create-account-alias --account-alias acme');
    assert.deepEqual(await aws('iam list-account-aliases'), { AccountAliases: ['acme'] });
    assert.equal(await aws.code('iam create-account-alias --account-alias Acme!'), 'ValidationError');
    await aws('iam delete-account-alias --account-alias acme');
    assert.equal(await aws.code('iam delete-account-alias --account-alias acme'), 'NoSuchEntity');

    await aws('iam create-group --group-name summed');
    await aws('iam create-user --user-name summed --path /sum/');
    await aws('iam add-user-to-group --group-name summed --user-name summed');
    const { SummaryMap } = await aws('iam get-account-summary');
    assert.ok(SummaryMap.Users >= 1 && SummaryMap.Groups === 1);
    assert.deepEqual([SummaryMap.UsersQuota, SummaryMap.VersionsPerPolicyQuota], [5000, 5]);

    const details = await aws('iam get-account-authorization-details --filter User Group');
    const user = details.UserDetailList.find((one: any) => one.UserName === 'summed');
    assert.deepEqual([user.Arn, user.GroupList], [`${ACCOUNT}:user/sum/summed`, ['summed']]);
    assert.equal(details.GroupDetailList[0].GroupName, 'summed');
    assert.deepEqual([details.RoleDetailList, details.Policies], [[], []]);
    const one = await aws('iam get-account-authorization-details --filter User --max-items 1');
    assert.equal(one.UserDetailList.length, 1);

    assert.equal(await aws.code('iam get-credential-report'), 'ReportNotPresent');
    const report = await until('the credential report is there', async () => {
      const { State } = await aws('iam generate-credential-report');
      return State === 'COMPLETE' && aws('iam get-credential-report');
    });
    const [header = '', root = '', ...users] = Buffer.from(report.Content, 'base64').toString().split('\n');
    assert.match(header, /^user,arn,user_creation_time,password_enabled,.*,cert_2_last_rotated$/);
    assert.match(root, new RegExp(`^<root_account>,${ACCOUNT}:root,`));
    assert.ok(users.some((line) => line.startsWith(`summed,${ACCOUNT}:user/sum/summed,`)));
  });

  test('what is for consoles, phones and certificates is not here, and says so', async () => {
    const said = await Promise.all([
      aws.refused('iam create-virtual-mfa-device --virtual-mfa-device-name m --outfile m --bootstrap-method QRCodePNG'),
      aws.refused('iam upload-ssh-public-key --user-name u --ssh-public-key-body k'),
      aws.refused('iam create-saml-provider --saml-metadata-document', 'x'.repeat(1000), '--name', 's'),
      aws.refused('iam upload-server-certificate --server-certificate-name c --certificate-body b --private-key k'),
    ]);
    assert.deepEqual(
      said,
      ['CreateVirtualMFADevice', 'UploadSSHPublicKey', 'CreateSAMLProvider', 'UploadServerCertificate'].map(
        (name) => `NotSupported: Longshore does not support iam:${name} yet.`,
      ),
    );
  });
});
