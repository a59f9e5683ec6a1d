import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Longshore } from './harness/longshore.ts';
import { until } from './harness/until.ts';
import { must } from './harness/run.ts';

const IMDS = 'http://169.254.169.254/latest';
const RECOMMENDED = '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id';

/** What user data learns of its own instance, with a token as it must, and prints to the console. */
const USER_DATA = `#!/bin/sh
echo "without a token: $(curl -s -o /dev/null -w '%{http_code}' ${IMDS}/meta-data/instance-id)"
T=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${IMDS}/api/token)
get() { curl -s -H "X-aws-ec2-metadata-token: $T" ${IMDS}/$1; }
echo "instance=$(get meta-data/instance-id) address=$(get meta-data/local-ipv4) zone=$(get meta-data/placement/availability-zone)"
ROLE=$(get meta-data/iam/security-credentials/)
echo "role=$ROLE"
echo "credentials=$(get meta-data/iam/security-credentials/$ROLE | tr -d '\\n')"
echo "own user data: $(get user-data | head -n 1)"
echo "tag=$(get meta-data/tags/instance/Name)"
until docker info > /dev/null 2>&1; do sleep 0.1; done
mkdir /tmp/empty; tar -c -C /tmp/empty . | docker import - empty > /dev/null
cat > /tmp/ask <<'END'
ask() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
echo "on the bridge: data $(ask -m 10 -H "X-aws-ec2-metadata-token: $1" ${IMDS}/meta-data/)"
echo "on the bridge: token $(ask -m 1 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${IMDS}/api/token)"
END
FOLDERS='-v /bin:/bin:ro -v /lib:/lib:ro -v /lib64:/lib64:ro -v /usr:/usr:ro -v /tmp:/tmp:ro'
docker run --rm $FOLDERS empty sh /tmp/ask $T
date >> /var/boots; echo "user data has run"
`;

let server: Longshore;
const aws = (...args: string[]) => server.awsJson(args);

before(async () => {
  server = await Longshore.start();
  await aws('iam', 'create-role', '--role-name', 'app', '--assume-role-policy-document', trustOf('ec2.amazonaws.com'));
  await aws('iam', 'create-instance-profile', '--instance-profile-name', 'app-profile');
  const both = ['--instance-profile-name', 'app-profile', '--role-name', 'app'];
  await aws('iam', 'add-role-to-instance-profile', ...both);
});

after(async () => server?.remove());

function trustOf(Service: string): string {
  const Statement = [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }];
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

async function describe(id: string) {
  const { Reservations } = await aws('ec2', 'describe-instances', '--instance-ids', id);
  return Reservations[0].Instances[0];
}

async function consoleOf(id: string, wanted: RegExp): Promise<string> {
  return until(`the console says ${wanted}`, async () => {
    const { Output } = await aws('ec2', 'get-console-output', '--instance-id', id);
    return typeof Output === 'string' && wanted.test(Output) && Output;
  });
}

/** The CLI's own waiter looks every 15 seconds only. */
const reached = (state: string, id: string) =>
  until(`${id} is ${state}`, async () => (await describe(id)).State.Name === state);

test('an instance launched from a template runs its user data, knows itself and has the role of its profile', async () => {
  const { Parameter } = await aws('ssm', 'get-parameter', '--name', RECOMMENDED);
  const { KeyMaterial } = await aws('ec2', 'create-key-pair', '--key-name', 'deploy', '--key-type', 'ed25519');
  assert.match(KeyMaterial, /BEGIN OPENSSH PRIVATE KEY/);
  const data = {
    ImageId: Parameter.Value,
    InstanceType: 't3.micro',
    KeyName: 'deploy',
    IamInstanceProfile: { Name: 'app-profile' },
    MetadataOptions: { HttpTokens: 'required', InstanceMetadataTags: 'enabled', HttpPutResponseHopLimit: 1 },
    UserData: Buffer.from(USER_DATA).toString('base64'),
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] }],
  };
  const template = ['--launch-template-name', 'web', '--launch-template-data', JSON.stringify(data)];
  await aws('ec2', 'create-launch-template', ...template);
  const launch = ['ec2', 'run-instances', '--launch-template', 'LaunchTemplateName=web,Version=$Latest'];
  const { Instances } = await aws(...launch);
  const id: string = Instances[0].InstanceId;
  assert.equal(Instances[0].State.Name, 'pending');
  await reached('running', id);
  await aws('ec2', 'wait', 'instance-status-ok', '--instance-ids', id);
  const instance = await describe(id);
  const text = await consoleOf(id, /user data has run/);
  assert.match(text, /without a token: 401/);
  const { PrivateIpAddress: address, Placement } = instance;
  assert.ok(text.includes(`instance=${id} address=${address} zone=${Placement.AvailabilityZone}`), text);
  assert.match(text, /^role=app\r?$/m);
  assert.match(text, /own user data: #!\/bin\/sh/);
  assert.match(text, /^tag=web\r?$/m);
  assert.match(text, /on the bridge: data 200\r?\non the bridge: token 000/, 'a token goes one hop only');
  const credentials = JSON.parse(/credentials=(\{.*\})/.exec(text)?.[1] ?? '{}');
  const identity = await server.aws(['sts', 'get-caller-identity'], {
    AWS_ACCESS_KEY_ID: credentials.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey,
    AWS_SESSION_TOKEN: credentials.Token,
  });
  assert.equal(JSON.parse(identity.stdout).Arn, `arn:aws:sts::123456789012:assumed-role/app/${id}`);
  const { NetworkInterfaces } = await aws(
    'ec2',
    'describe-network-interfaces',
    '--filters',
    `Name=attachment.instance-id,Values=${id}`,
  );
  assert.equal(NetworkInterfaces[0].PrivateIpAddress, address);

  await stopsStartsAndGoes(id);
});

/** The same instance through its life, and a server that is killed meanwhile. */
async function stopsStartsAndGoes(id: string): Promise<void> {
  const before = await describe(id);
  await server.kill9();
  await server.up();
  assert.equal((await describe(id)).State.Name, 'running');
  await aws('ec2', 'stop-instances', '--instance-ids', id);
  await reached('stopped', id);
  await aws('ec2', 'start-instances', '--instance-ids', id);
  await reached('running', id);
  const again = await describe(id);
  assert.equal(again.PrivateIpAddress, before.PrivateIpAddress);
  assert.notEqual(again.PublicIpAddress, undefined);
  await aws('ec2', 'terminate-instances', '--instance-ids', id);
  await reached('terminated', id);
  const { NetworkInterfaces } = await aws('ec2', 'describe-network-interfaces');
  assert.deepEqual(NetworkInterfaces, []);
}

test('one whose init is killed goes, as it was launched to, and the metadata of two is each its own', async () => {
  const { Images } = await aws(
    'ec2',
    'describe-images',
    '--owners',
    'amazon',
    '--filters',
    'Name=name,Values=al2023-ami-minimal-*',
  );
  const script = `#!/bin/sh\necho "I am $(wget -q -O - ${IMDS}/meta-data/instance-id)."\n`;
  const image = ['--image-id', Images[0].ImageId, '--instance-type', 't3.nano', '--count', '2'];
  const behavior = ['--instance-initiated-shutdown-behavior', 'terminate', '--metadata-options', 'HttpTokens=optional'];
  const { Instances } = await aws('ec2', 'run-instances', ...image, ...behavior, '--user-data', script);
  const ids: string[] = Instances.map((one: { InstanceId: string }) => one.InstanceId);
  for (const id of ids) {
    await reached('running', id);
    assert.match(await consoleOf(id, /I am /), new RegExp(`I am ${id}\\.`));
  }
  const [killed = '', other = ''] = ids;
  const name = `ls-${await server.instanceId()}-${killed}`;
  const pid = (await must('docker', ['inspect', '--format', '{{.State.Pid}}', name])).trim();
  process.kill(Number(pid), 'SIGKILL');
  await reached('terminated', killed);
  assert.equal((await describe(killed)).StateReason.Code, 'Client.InstanceInitiatedShutdown');
  assert.equal((await describe(other)).State.Name, 'running');
  await aws('ec2', 'terminate-instances', '--instance-ids', other);
  await reached('terminated', other);
});

test('a profile is handed over by those alone who may pass its role', async () => {
  await aws('iam', 'create-user', '--user-name', 'dev');
  const Statement = [{ Effect: 'Allow', Action: 'ec2:*', Resource: '*' }];
  const policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await aws('iam', 'put-user-policy', '--user-name', 'dev', '--policy-name', 'ec2', '--policy-document', policy);
  const { AccessKey } = await aws('iam', 'create-access-key', '--user-name', 'dev');
  const keys = { AWS_ACCESS_KEY_ID: AccessKey.AccessKeyId, AWS_SECRET_ACCESS_KEY: AccessKey.SecretAccessKey };
  const { Images } = await aws('ec2', 'describe-images');
  const launch = ['ec2', 'run-instances', '--image-id', Images[0].ImageId, '--instance-type', 't3.nano'];
  const refused = await server.aws([...launch, '--iam-instance-profile', 'Name=app-profile'], keys);
  assert.match(refused.stderr, /UnauthorizedOperation/);
  assert.match(refused.stderr, /iam:PassRole on resource: arn:aws:iam::123456789012:role\/app/);
});
