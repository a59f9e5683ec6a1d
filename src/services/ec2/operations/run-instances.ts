import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { ReadTx, WriteTx } from '../../../store/store.ts';
import { writeRegion } from '../default-vpc.ts';
import { INSTANCE_TYPES } from '../domain/instance-types.ts';
import { checkSupported, type LaunchRequest, mergeLaunch } from '../domain/launch-request.ts';
import { wantedInterface } from '../domain/launch-options.ts';
import { serviceOf } from '../domain/requester.ts';
import { newId } from '../domain/resource-kind.ts';
import { mergeTags } from '../domain/tags.ts';
import {
  architectureMismatch,
  invalidInstanceType,
  invalidParameterValue,
  missingParameter,
  unsupportedParameter,
} from '../errors.ts';
import { idempotencyOf, madeBefore } from '../idempotency.ts';
import { requireHost, takeRoom } from '../instance-capacity.ts';
import { partsOf } from '../instance-lookup.ts';
import { profileOf } from '../instance-profiles.ts';
import { instances, type InstanceRow } from '../instance-tables.ts';
import { requireImage } from '../image-lookup.ts';
import { checkKeyPair, type Launch, launchOne, launchSubnet } from '../launch.ts';
import { chosenTemplate, type ChosenTemplate } from '../launch-template-lookup.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { launchPermissions, launchResources, TAGGED } from '../launch-permissions.ts';
import { reservationViews } from '../views/instance.ts';

const DEFAULT_TYPE = 'm1.small';

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html */
export const RunInstances = operation('RunInstances', {
  resources: launchResources,
  permissions: launchPermissions,
  tries: async (ctx, input) => profileOf(ctx, (await wholeRequest(ctx, input)).request.IamInstanceProfile),
  handle: async (ctx, input) => {
    const host = requireHost(ctx.ports);
    const counts = countsOf(input);
    const { request, template } = await wholeRequest(ctx, input);
    const once = idempotencyOf(input);
    const before = (tx: ReadTx) => madeBefore(tx, instances, ctx, once.idempotency);
    const repeated = await ctx.read(before);
    if (repeated.length > 0) return answerOf(ctx, repeated);
    const launch = await prepare(ctx, request, { template, ...once });
    const made = await writeRegion(ctx, async (tx) => {
      const already = await before(tx);
      if (already.length > 0) return already;
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
  const operator = operatorOf(ctx, request);
  return {
    request,
    image,
    type,
    profile,
    tags: tagsOfLaunch(ctx, request, template),
    reservationId: newId('r', ctx.ids),
    ...(operator ? { operator } : {}),
    ...(idempotency ? { idempotency } : {}),
  };
}

/** A service that manages instances of its customers names itself, and nobody else. */
function operatorOf(ctx: Ec2Context, { Operator: given }: LaunchRequest): string | undefined {
  if (!given?.Principal) return undefined;
  if (given.Principal !== serviceOf(ctx.principal)) throw unsupportedParameter('Operator');
  return given.Principal;
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
    if (TAGGED.some((kind) => kind.type === type)) continue;
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
  return {
    instance: { ...of('instance'), ...ofTemplate },
    networkInterface: of('network-interface'),
    spotRequest: of('spot-instances-request'),
  };
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

async function answerOf(ctx: Ec2Context, rows: readonly InstanceRow[]) {
  const parts = await ctx.read((tx) => Promise.all(rows.map((row) => partsOf(tx, row))));
  return reservationViews(parts)[0] ?? {};
}
