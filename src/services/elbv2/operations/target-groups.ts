import type { CreateTargetGroupInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { scopeKey } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { named, tagOnCreate } from '../authorization.ts';
import { defaultHealthCheck, healthCheckFrom } from '../domain/health-check.ts';
import { checkName, targetGroupArn } from '../domain/names.ts';
import { isStream } from '../domain/protocols.ts';
import { QUOTAS } from '../domain/quotas.ts';
import { checkDemandTags } from '../domain/demand-settings.ts';
import { withTags } from '../domain/tags.ts';
import {
  duplicateTargetGroup,
  inUse,
  invalid,
  invalidConfiguration,
  notInEnum,
  notSupported,
  targetGroupNotFound,
  tooMany,
  translating,
} from '../errors.ts';
import { groupsOfLoadBalancer, inScope, loadBalancerOf, targetGroupOf, usersOfGroup } from '../lookup.ts';
import { operation } from '../operation.ts';
import { page } from '../paging.ts';
import { targetGroups, targetKey, targets, type TargetGroupRow } from '../tables.ts';
import { targetGroupView } from '../views.ts';

export const CreateTargetGroup = operation('CreateTargetGroup', {
  resources: (input, scope) => [targetGroupArn(scope, input.Name ?? '*', '*')],
  also: (input, scope) => tagOnCreate(input, 'CreateTargetGroup', targetGroupArn(scope, input.Name ?? '*', '*')),
  handle: async (ctx, input) => {
    const settings = checkInput(input);
    const tags = withTags({}, input.Tags);
    checkDemandTags(tags, settings.protocol);
    await translating(ctx.call('ec2', 'DescribeVpcs', { VpcIds: [settings.vpcId] }), 'InvalidVpcI', () =>
      invalid(`The VPC ID '${settings.vpcId}' is not found`),
    );
    const id = ctx.ids.hex(16);
    const wanted: TargetGroupRow = {
      account: ctx.account,
      region: ctx.region,
      arn: targetGroupArn(ctx, settings.name, id),
      id,
      ...settings,
      attributes: {},
      tags,
    };
    const row = await ctx.write(async (tx) => {
      const [before] = await tx.list(targetGroups, { where: ['name', `${scopeKey(ctx)}/${wanted.name}`], limit: 1 });
      if (before && sameSettings(before, wanted)) return before;
      if (before) throw duplicateTargetGroup(wanted.name);
      const others = await tx.list(targetGroups, { where: ['scope', scopeKey(ctx)] });
      if (others.length >= QUOTAS.targetGroups) {
        throw tooMany('TooManyTargetGroupsException', 'The limit on the number of target groups has been reached');
      }
      return tx.put(targetGroups, wanted);
    });
    return { TargetGroups: [targetGroupView(row, await ctx.read((tx) => usersOfGroup(tx, row.arn)))] };
  },
});

function checkInput(input: CreateTargetGroupInput) {
  const { Name: name = '', TargetType: targetType = 'instance', Protocol: protocol, Port: port, VpcId: vpcId } = input;
  checkName('Target group', name);
  if (!['instance', 'ip', 'lambda', 'alb'].includes(targetType)) {
    throw notInEnum(targetType, 'targetType', ['instance', 'ip', 'lambda', 'alb']);
  }
  if (targetType === 'lambda') throw notSupported(`Target type '${targetType}'`, `Use 'ip', 'instance' or 'alb'.`);
  if (protocol === undefined) throw invalid('A protocol must be specified');
  if (protocol !== 'HTTP' && protocol !== 'HTTPS' && protocol !== 'TCP' && protocol !== 'TLS') {
    throw notSupported(`Target group protocol '${protocol}'`, `Use 'HTTP', 'HTTPS', 'TCP' or 'TLS'.`);
  }
  if (targetType === 'alb' && protocol !== 'TCP') {
    throw invalidConfiguration(`Target groups with target type 'alb' support the protocol TCP only, not '${protocol}'`);
  }
  if (port === undefined) throw invalid('A port must be specified');
  if (port < 1 || port > 65_535) throw invalid(`Port '${port}' must be between 1 and 65535`);
  if (!vpcId) throw invalid('A VPC ID must be specified');
  // Terraform leaves it empty.
  const version = VERSIONS.find((it) => it === (input.ProtocolVersion || 'HTTP1'));
  if (!version) throw notInEnum(input.ProtocolVersion ?? '', 'protocolVersion', VERSIONS);
  if ((input.IpAddressType ?? 'ipv4') !== 'ipv4') {
    throw notSupported(`IP address type '${input.IpAddressType}'`, `Use 'ipv4'.`);
  }
  if (input.TargetControlPort !== undefined) throw notSupported('TargetControlPort');
  if (isStream(protocol) && input.ProtocolVersion) {
    throw invalid(`A protocol version cannot be specified for target groups with protocol ${protocol}`);
  }
  const byDefault = defaultHealthCheck(
    protocol,
    version,
    input.HealthCheckProtocol ?? (targetType === 'alb' ? 'HTTP' : undefined),
  );
  return {
    name,
    protocol,
    port,
    vpcId,
    ...(targetType === 'instance' || targetType === 'alb' ? { targetType } : {}),
    ...(version === 'HTTP1' ? {} : { protocolVersion: version }),
    healthCheck: healthCheckFrom(input, byDefault, { protocol, version, targetType }),
  } as const;
}

const VERSIONS = ['HTTP1', 'HTTP2', 'GRPC'] as const;

function sameSettings(before: TargetGroupRow, wanted: TargetGroupRow): boolean {
  const settings = ({ protocol, port, vpcId, targetType, protocolVersion, healthCheck, tags }: TargetGroupRow) =>
    JSON.stringify([
      protocol,
      targetType ?? 'ip',
      protocolVersion ?? 'HTTP1',
      port,
      vpcId,
      Object.entries(healthCheck).toSorted(byKey),
      Object.entries(tags).toSorted(byKey),
    ]);
  return settings(before) === settings(wanted);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

export const DescribeTargetGroups = operation('DescribeTargetGroups', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { TargetGroupArns: arns = [], Names: names = [], LoadBalancerArn: loadBalancer } = input;
    if ([arns.length > 0, names.length > 0, loadBalancer !== undefined].filter(Boolean).length > 1) {
      throw invalid('Target group ARNs, names and a load balancer ARN cannot be specified at the same time');
    }
    const answer = await ctx.read(async (tx) => {
      const rows =
        loadBalancer === undefined
          ? await requested(tx, ctx, arns, names)
          : await ofLoadBalancer(tx, ctx, loadBalancer);
      const sorted = rows.toSorted((a, b) => (a.arn < b.arn ? -1 : 1));
      const { items, next } = page(sorted, (row) => row.arn, input);
      return {
        TargetGroups: await Promise.all(
          items.map(async (row) => targetGroupView(row, await usersOfGroup(tx, row.arn))),
        ),
        ...next,
      };
    });
    return answer;
  },
});

type InScope = Parameters<typeof inScope>[1];

async function requested(tx: ReadTx, scope: InScope, arns: readonly string[], names: readonly string[]) {
  if (arns.length === 0 && names.length === 0) return tx.list(targetGroups, { where: ['scope', scopeKey(scope)] });
  const found = [
    ...(await Promise.all(arns.map((arn) => tx.get(targetGroups, arn)))),
    ...(await Promise.all(
      names.map(async (name) => (await tx.list(targetGroups, { where: ['name', `${scopeKey(scope)}/${name}`] }))[0]),
    )),
  ];
  return found.map((row) => {
    if (!row || !inScope(row, scope)) throw targetGroupNotFound();
    return row;
  });
}

async function ofLoadBalancer(tx: ReadTx, scope: InScope, loadBalancerArn: string) {
  await loadBalancerOf(tx, scope, loadBalancerArn);
  const rows = await Promise.all(
    (await groupsOfLoadBalancer(tx, loadBalancerArn)).map((arn) => tx.get(targetGroups, arn)),
  );
  return rows.filter((row) => row !== undefined);
}

export const ModifyTargetGroup = operation('ModifyTargetGroup', {
  resources: (input) => named([input.TargetGroupArn]),
  handle: async (ctx, input) => {
    const view = await ctx.write(async (tx) => {
      const before = await targetGroupOf(tx, ctx, input.TargetGroupArn);
      const healthCheck = healthCheckFrom(input, before.healthCheck, {
        protocol: before.protocol,
        version: before.protocolVersion ?? 'HTTP1',
        targetType: before.targetType ?? 'ip',
      });
      const row = await tx.put(targetGroups, { ...before, healthCheck });
      return targetGroupView(row, await usersOfGroup(tx, row.arn));
    });
    return { TargetGroups: [view] };
  },
});

/** Deleting what is not there is no error; what a listener or a rule uses stays. */
export const DeleteTargetGroup = operation('DeleteTargetGroup', {
  resources: (input) => named([input.TargetGroupArn]),
  handle: async (ctx, input) => {
    const arn = input.TargetGroupArn ?? '';
    await ctx.write(async (tx) => {
      const row = await tx.get(targetGroups, arn);
      if (!row || !inScope(row, ctx)) return;
      if ((await usersOfGroup(tx, arn)).length > 0) {
        throw inUse(`Target group '${arn}' is currently in use by a listener or a rule`);
      }
      for (const target of await tx.list(targets, { where: ['targetGroup', arn] })) {
        await tx.delete(targets, targetKey(target));
      }
      await tx.delete(targetGroups, arn);
    });
    return {};
  },
});
