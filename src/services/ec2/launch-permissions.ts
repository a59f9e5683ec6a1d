import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { ConditionValues, Permission } from '../../api/operation.ts';
import { formatArn, type Scope } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { ReadTx } from '../../store/store.ts';
import { groupResource } from './authorization.ts';
import { metadataOf, wantedDevices } from './domain/launch-options.ts';
import { type LaunchRequest, mergeLaunch } from './domain/launch-request.ts';
import { type ImageRecord, imagesOf } from './domain/machine-images.ts';
import { arnOf, arnsOf, KINDS, type ResourceKind, resourceOfArn } from './domain/resource-kind.ts';
import { isReserved } from './domain/tags.ts';
import { profileArnOf } from './instance-profiles.ts';
import { findDefaultSubnet } from './launch.ts';
import { chosenTemplate, templateResource } from './launch-template-lookup.ts';
import { callKeys, instanceKeys, keysOfArn } from './resource-keys.ts';

/** What TagSpecifications of a launch may tag. */
export const TAGGED: readonly ResourceKind[] = [
  KINDS.instance,
  KINDS.volume,
  KINDS.networkInterface,
  KINDS.spotRequest,
];

const ACTION = 'ec2:RunInstances';
const ANY = '*';
const DEFAULT_TYPE = 'm1.small';

/** A launch as policies see it: what is asked for, whoever said it, the request or its template. */
interface Asked {
  readonly input: RunInstancesRequest;
  readonly request: LaunchRequest;
  /** Undefined where it is not known here: the handler says what is not there. */
  readonly image: ImageRecord | undefined;
  readonly subnetArn: string;
  /** Of the template; undefined without one. */
  readonly templateArn: string | undefined;
}

/**
 * What a launch makes and uses, each with the keys that AWS has for its kind, and ec2:CreateTags on what gets tags.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html#amazonec2-RunInstances
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html
 */
export async function launchPermissions(
  input: RunInstancesRequest,
  scope: Scope,
  tx: ReadTx,
): Promise<readonly Permission[]> {
  const asked = await askedOf(input, scope, tx);
  const used = await Promise.all([made(asked, scope, tx), usedOnes(asked, scope, tx)]);
  return [
    ...used.flat().map(({ arn, keys, isOfRequest }) => ({
      action: ACTION,
      resources: [arn],
      conditions: { ...callKeys(scope), ...templateKeys(asked, isOfRequest), ...keys },
    })),
    ...taggings(asked, scope),
  ];
}

/** For the trail, and for whoever asks what a launch touches. */
export async function launchResources(
  input: RunInstancesRequest,
  scope: Scope,
  tx: ReadTx,
): Promise<readonly string[]> {
  const permissions = await launchPermissions(input, scope, tx);
  return [...new Set(permissions.filter(({ action }) => action === ACTION).flatMap(({ resources }) => resources))];
}

async function askedOf(input: RunInstancesRequest, scope: Scope, tx: ReadTx): Promise<Asked> {
  const { LaunchTemplate: wanted } = input;
  const request = mergeLaunch(input, wanted && (await templateData(tx, scope, wanted)));
  const images = [...imagesOf(scope.region, 'x86_64'), ...imagesOf(scope.region, 'arm64')];
  const templateId = (await templateResource(tx, scope, wanted)) || ANY;
  return {
    input,
    request,
    image: images.find((one) => one.id === request.ImageId),
    subnetArn: arnOf(KINDS.subnet, scope, await subnetOf(tx, scope, request)),
    templateArn: wanted && arnOf(KINDS.launchTemplate, scope, templateId),
  };
}

/** What is not there the handler says. */
async function templateData(tx: ReadTx, scope: Scope, wanted: NonNullable<RunInstancesRequest['LaunchTemplate']>) {
  try {
    return (await chosenTemplate(tx, scope, wanted)).data;
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

/** As the launch finds it: who may not use the default subnet cannot reach it by leaving its name out. */
async function subnetOf(tx: ReadTx, scope: Scope, request: LaunchRequest): Promise<string> {
  const [own] = request.NetworkInterfaces ?? [];
  const id = request.SubnetId || own?.SubnetId;
  if (id) return id;
  if (own?.NetworkInterfaceId) {
    const keys = await keysOfArn(tx, arnOf(KINDS.networkInterface, scope, own.NetworkInterfaceId));
    return resourceOfArn(String(keys['ec2:subnet']))?.id ?? ANY;
  }
  return (await findDefaultSubnet(tx, scope, request))?.id ?? ANY;
}

interface Resource {
  readonly arn: string;
  readonly keys: ConditionValues;
  /** The request names it itself, whatever the template has. */
  readonly isOfRequest: boolean;
}

function templateKeys({ templateArn }: Asked, isOfRequest: boolean): ConditionValues {
  return {
    ...(templateArn && { 'ec2:launchtemplate': templateArn }),
    'ec2:islaunchtemplateresource': String(templateArn !== undefined && !isOfRequest),
  };
}

/** The instance, its disks, its interface, and its request of Spot capacity where that gets tags. */
async function made(asked: Asked, scope: Scope, tx: ReadTx): Promise<readonly Resource[]> {
  const { input, request, image, subnetArn } = asked;
  const place = await keysOfArn(tx, subnetArn);
  const zone = pick(place, ['ec2:availabilityzone', 'ec2:availabilityzoneid']);
  const [own] = request.NetworkInterfaces ?? [];
  const interfaceArn = arnOf(KINDS.networkInterface, scope, own?.NetworkInterfaceId || ANY);
  const isPublic = own?.AssociatePublicIpAddress;
  const spotTags = tagKeys(request, KINDS.spotRequest);
  const operator = request.Operator?.Principal;
  const operated: ConditionValues = operator ? { 'ec2:managedresourceoperator': operator } : {};
  return [
    {
      arn: arnOf(KINDS.instance, scope, ANY),
      keys: { ...zone, ...keysOfInstance(request, image, scope), ...tagKeys(request, KINDS.instance) },
      isOfRequest: false,
    },
    ...diskKeys(request, image).map((keys) => ({
      arn: arnOf(KINDS.volume, scope, ANY),
      keys: { ...zone, ...operated, ...keys, ...tagKeys(request, KINDS.volume) },
      isOfRequest: isGiven(input.BlockDeviceMappings),
    })),
    {
      arn: interfaceArn,
      keys: {
        ...pick(place, ['ec2:availabilityzone', 'ec2:vpc']),
        'ec2:subnet': subnetArn,
        ...operated,
        ...(isPublic === undefined ? {} : { 'ec2:associatepublicipaddress': String(isPublic) }),
        ...(await keysOfArn(tx, interfaceArn)),
        ...tagKeys(request, KINDS.networkInterface),
      },
      isOfRequest: isGiven(input.NetworkInterfaces),
    },
    ...(Object.keys(spotTags).length > 0
      ? [{ arn: arnOf(KINDS.spotRequest, scope, ANY), keys: spotTags, isOfRequest: false }]
      : []),
  ];
}

/** The image, the subnet, the groups, the key pair and the template. */
async function usedOnes(asked: Asked, scope: Scope, tx: ReadTx): Promise<readonly Resource[]> {
  const { input, request, image, subnetArn, templateArn } = asked;
  const [own] = request.NetworkInterfaces ?? [];
  const [ownOfInput] = input.NetworkInterfaces ?? [];
  const row = async (arn: string, isOfRequest: boolean) => ({ arn, keys: await keysOfArn(tx, arn), isOfRequest });
  const ids = [...(request.SecurityGroupIds ?? []), ...(own?.Groups ?? [])];
  const named = await Promise.all(
    (request.SecurityGroups ?? []).map((GroupName) => groupResource({ GroupName }, scope, tx)),
  );
  const groups = [...arnsOf(KINDS.securityGroup, scope, ids), ...named];
  const ofVpc = pick(await keysOfArn(tx, subnetArn), ['ec2:vpc']);
  const groupsGiven = [input.SecurityGroupIds, input.SecurityGroups, ownOfInput?.Groups].some(isGiven);
  return [
    {
      arn: formatArn('ec2', { region: scope.region }, `image/${request.ImageId || ANY}`),
      keys: imageKeys(request.ImageId, image),
      isOfRequest: Boolean(input.ImageId),
    },
    await row(subnetArn, Boolean(input.SubnetId || ownOfInput?.SubnetId)),
    ...(groups.length > 0
      ? await Promise.all(groups.map((arn) => row(arn, groupsGiven)))
      : [{ arn: arnOf(KINDS.securityGroup, scope, ANY), keys: ofVpc, isOfRequest: false }]),
    ...(request.KeyName ? [await row(arnOf(KINDS.keyPair, scope, request.KeyName), Boolean(input.KeyName))] : []),
    ...(templateArn ? [await row(templateArn, false)] : []),
  ];
}

function keysOfInstance(request: LaunchRequest, image: ImageRecord | undefined, scope: Scope): ConditionValues {
  return instanceKeys({
    instanceType: request.InstanceType ?? DEFAULT_TYPE,
    isSpot: request.InstanceMarketOptions?.MarketType === 'spot',
    ebsOptimized: request.EbsOptimized ?? false,
    metadata: metadataFacts(request, image),
    operator: request.Operator?.Principal,
    profileArn: profileArnOf(request.IamInstanceProfile, scope),
  });
}

/** What an image decides is known with it alone. */
function metadataFacts({ MetadataOptions: given }: LaunchRequest, image: ImageRecord | undefined) {
  try {
    if (image) return metadataOf(given, image);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
  }
  const { HttpTokens: httpTokens, HttpPutResponseHopLimit: httpPutResponseHopLimit } = given ?? {};
  return {
    httpEndpoint: given?.HttpEndpoint ?? 'enabled',
    instanceMetadataTags: given?.InstanceMetadataTags ?? 'disabled',
    ...(httpTokens && { httpTokens }),
    ...(httpPutResponseHopLimit === undefined ? {} : { httpPutResponseHopLimit }),
  } as const;
}

function imageKeys(id: string | undefined, image: ImageRecord | undefined): ConditionValues {
  return {
    ...(id && { 'ec2:imageid': id }),
    ...(image && {
      'ec2:imagetype': 'machine',
      'ec2:owner': 'amazon',
      'ec2:public': 'true',
      'ec2:rootdevicetype': 'ebs',
    }),
  };
}

/** One for each kind of disk. */
function diskKeys(request: LaunchRequest, image: ImageRecord | undefined): readonly ConditionValues[] {
  if (!image) return [{}];
  const all = wantedDevices(request.BlockDeviceMappings, image).map((device) => ({
    'ec2:volumesize': String(device.volumeSize),
    'ec2:volumetype': device.volumeType,
    'ec2:encrypted': String(device.encrypted),
  }));
  return [...new Map(all.map((keys) => [JSON.stringify(keys), keys])).values()];
}

function taggings({ request }: Asked, scope: Scope): readonly Permission[] {
  return TAGGED.flatMap((kind) => {
    const keys = tagKeys(request, kind);
    if (Object.keys(keys).length === 0) return [];
    const conditions = { ...callKeys(scope), 'ec2:createaction': 'RunInstances', ...keys };
    return [{ action: 'ec2:CreateTags', resources: [arnOf(kind, scope, ANY)], conditions }];
  });
}

/** aws:RequestTag and aws:TagKeys of one kind. AWS's own tags are no matter of permissions. */
function tagKeys({ TagSpecifications: specifications = [] }: LaunchRequest, kind: ResourceKind): ConditionValues {
  const tags = specifications
    .filter((one) => one.ResourceType === kind.type)
    .flatMap((one) => one.Tags ?? [])
    .filter(({ Key: key = '' }) => !isReserved(key));
  if (tags.length === 0) return {};
  return {
    'aws:tagkeys': tags.map(({ Key: key = '' }) => key),
    ...Object.fromEntries(
      tags.map(({ Key: key = '', Value: value = '' }) => [`aws:requesttag/${key.toLowerCase()}`, value]),
    ),
  };
}

function pick(keys: ConditionValues, names: readonly string[]): ConditionValues {
  return Object.fromEntries(Object.entries(keys).filter(([name]) => names.includes(name)));
}

function isGiven(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}
