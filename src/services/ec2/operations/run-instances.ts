import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Scope } from '../../../kernel/arn.ts';
import { formatArn } from '../../../kernel/arn.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { ReadTx, WriteTx } from '../../../store/store.ts';
import { writeRegion } from '../default-vpc.ts';
import { INSTANCE_TYPES } from '../domain/instance-types.ts';
import { checkSupported, type LaunchRequest, launchHash, mergeLaunch } from '../domain/launch-request.ts';
import { wantedInterface } from '../domain/launch-options.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnsOf, KINDS, newId } from '../domain/resource-kind.ts';
import { mergeTags } from '../domain/tags.ts';
import {
  architectureMismatch,
  idempotentParameterMismatch,
  invalidInstanceType,
  invalidParameterValue,
  missingParameter,
} from '../errors.ts';
import { requireHost, takeRoom } from '../instance-capacity.ts';
import { partsOf } from '../instance-lookup.ts';
import { profileOf } from '../instance-profiles.ts';
import { instances, type InstanceRow } from '../instance-tables.ts';
import { requireImage } from '../image-lookup.ts';
import { checkKeyPair, type Launch, launchOne, launchSubnet } from '../launch.ts';
import { chosenTemplate, type ChosenTemplate, templateResource } from '../launch-template-lookup.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { resourceKey } from '../tables.ts';
import { reservationViews } from '../views/instance.ts';

const DEFAULT_TYPE = 'm1.small';
const TAGGED = [KINDS.instance, KINDS.volume, KINDS.networkInterface];
const RECORDED_TAGS = ['spot-instances-request'];

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html */
export const RunInstances = operation('RunInstances', {
  resources: launchResources,
  creates: TAGGED,
  tries: async (ctx, input) => profileOf(ctx, (await wholeRequest(ctx, input)).request.IamInstanceProfile),
  handle: async (ctx, input) => {
    const host = requireHost(ctx.ports);
    const counts = countsOf(input);
    const { ClientToken: token } = input;
    const { request, template } = await wholeRequest(ctx, input);
    const hash = launchHash(input);
    const repeated = token ? await ctx.read((tx) => launchedWith(tx, ctx, token, hash)) : [];
    if (repeated.length > 0) return answerOf(ctx, repeated);
    const launch = await prepare(ctx, request, {
      template,
      ...(token ? { idempotency: { token, requestHash: hash } } : {}),
    });
    const made = await writeRegion(ctx, async (tx) => {
      const before = token ? await launchedWith(tx, ctx, token, hash) : [];
      if (before.length > 0) return before;
      await checkKeyPair(tx, ctx, request.KeyName);
      const subnet = await launchSubnet(tx, ctx, request);
      const count = await takeRoom(tx, host, launch.type, { ...counts, zone: subnet.zoneName });
      return launchAll(tx, ctx, launch, { count, subnetId: subnet.id });
    });
    return answerOf(ctx, made);
  },
});

async function wholeRequest(
  ctx: Ec2Context,
  input: RunInstancesRequest,
): Promise<{ readonly request: LaunchRequest; readonly template: ChosenTemplate | undefined }> {
  const { LaunchTemplate: wanted, MinCount: _min, MaxCount: _max, ClientToken: _token, DryRun: _dry, ...own } = input;
  checkSupported(own);
  const template = wanted && (await ctx.read((tx) => chosenTemplate(tx, ctx, wanted)));
  if (template) checkSupported(template.data);
  return { request: mergeLaunch(own, template?.data), template };
}

function countsOf({ MinCount: least, MaxCount: most }: RunInstancesRequest): { least: number; most: number } {
  if (least === undefined) throw missingParameter('MinCount');
  if (most === undefined) throw missingParameter('MaxCount');
  if (least < 1)
    throw invalidParameterValue(
      `Value (${least}) for parameter minCount is invalid. Expecting a value greater than 0.`,
    );
  if (most < least) {
    throw invalidParameterValue(
      `Value (${most}) for parameter maxCount is invalid. It must be greater than or equal to minCount (${least}).`,
    );
  }
  return { least, most };
}

interface Prepared {
  readonly template: ChosenTemplate | undefined;
  readonly idempotency?: InstanceRow['idempotency'];
}

async function prepare(ctx: Ec2Context, request: LaunchRequest, { template, idempotency }: Prepared): Promise<Launch> {
  if (!request.ImageId) throw missingParameter('ImageId');
  const image = requireImage(ctx, await imageIdOf(ctx, request.ImageId));
  const name = request.InstanceType ?? DEFAULT_TYPE;
  const type = INSTANCE_TYPES.get(name);
  if (!type) throw invalidInstanceType(name);
  if (type.architecture !== image.architecture) throw architectureMismatch(type.architecture, image.architecture);
  const profile = await profileOf(ctx, request.IamInstanceProfile);
  return {
    request,
    image,
    type,
    profile,
    tags: tagsOfLaunch(ctx, request, template),
    reservationId: newId('r', ctx.ids),
    ...(idempotency ? { idempotency } : {}),
  };
}

/** `resolve:ssm:NAME`, as launch templates have it. */
async function imageIdOf(ctx: Ec2Context, wanted: string): Promise<string> {
  if (!wanted.startsWith('resolve:ssm:')) return wanted;
  const { Parameter: found } = await ctx.callAsCaller('ssm', 'GetParameter', { Name: wanted.slice(12) });
  return found?.Value ?? wanted;
}

function tagsOfLaunch(ctx: Ec2Context, request: LaunchRequest, template: ChosenTemplate | undefined): Launch['tags'] {
  const byService = serviceOf(ctx.principal) !== undefined;
  const specifications = request.TagSpecifications ?? [];
  for (const { ResourceType: type = '' } of specifications) {
    if (TAGGED.some((kind) => kind.type === type) || RECORDED_TAGS.includes(type)) continue;
    throw invalidParameterValue(`'${type}' is not a valid taggable resource type for this operation.`);
  }
  const of = (type: string) =>
    mergeTags(
      {},
      specifications.filter((one) => one.ResourceType === type).flatMap((one) => one.Tags ?? []),
      byService,
    );
  const ofTemplate = template && {
    'aws:ec2launchtemplate:id': template.id,
    'aws:ec2launchtemplate:version': String(template.version),
  };
  return { instance: { ...of('instance'), ...ofTemplate }, networkInterface: of('network-interface') };
}

async function launchAll(
  tx: WriteTx,
  ctx: Ec2Context,
  launch: Launch,
  { count, subnetId }: { readonly count: number; readonly subnetId: string },
): Promise<readonly InstanceRow[]> {
  const wanted = wantedInterface(launch.request, serviceOf(ctx.principal) !== undefined);
  if (count > 1 && (wanted.interfaceId || wanted.privateIp)) {
    throw invalidParameterValue('A network interface or a private address can be given to one instance only.');
  }
  const made: InstanceRow[] = [];
  for (let index = 0; index < count; index++) made.push(await launchOne(tx, ctx, launch, { index, subnetId }));
  return made;
}

async function launchedWith(
  tx: ReadTx,
  scope: Scope,
  token: string,
  requestHash: string,
): Promise<readonly InstanceRow[]> {
  const rows = await tx.list(instances, { where: ['clientToken', resourceKey(scope, token)] });
  if (rows.some((row) => row.idempotency?.requestHash !== requestHash)) throw idempotentParameterMismatch(token);
  return rows;
}

async function answerOf(ctx: Ec2Context, rows: readonly InstanceRow[]) {
  const parts = await ctx.read((tx) => Promise.all(rows.map((row) => partsOf(tx, row))));
  return reservationViews(parts)[0] ?? {};
}

/** What a launch touches and makes, whether the request or its template says so: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html */
async function launchResources(input: RunInstancesRequest, scope: Scope, tx: ReadTx): Promise<readonly string[]> {
  const template = await templateResource(tx, scope, input.LaunchTemplate);
  const request = mergeLaunch(input, await templateData(tx, scope, input));
  const [own] = request.NetworkInterfaces ?? [];
  const subnet = request.SubnetId ?? own?.SubnetId;
  const groups = [...(request.SecurityGroupIds ?? []), ...(own?.Groups ?? [])];
  return [
    ...arnsOf(KINDS.instance, scope, [undefined]),
    ...arnsOf(KINDS.volume, scope, [undefined]),
    ...arnsOf(KINDS.networkInterface, scope, [own?.NetworkInterfaceId]),
    formatArn('ec2', { region: scope.region }, `image/${request.ImageId || '*'}`),
    ...arnsOf(KINDS.subnet, scope, [subnet]),
    ...arnsOf(KINDS.securityGroup, scope, groups.length > 0 ? groups : [undefined]),
    ...(request.KeyName ? [formatArn('ec2', scope, `key-pair/${request.KeyName}`)] : []),
    ...(input.LaunchTemplate ? arnsOf(KINDS.launchTemplate, scope, [template || undefined]) : []),
  ];
}

/** What is not there the handler says. */
async function templateData(
  tx: ReadTx,
  scope: Scope,
  { LaunchTemplate: wanted }: RunInstancesRequest,
): Promise<ChosenTemplate['data'] | undefined> {
  try {
    return wanted && (await chosenTemplate(tx, scope, wanted)).data;
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}
