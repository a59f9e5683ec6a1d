import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { type Described, describe, nextTokenOf } from '../describe.ts';
import { writeRegion } from '../default-vpc.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnsOf, KINDS, newId } from '../domain/resource-kind.ts';
import { tagsFor } from '../domain/tags.ts';
import {
  gatewayAttached,
  gatewayNotAttachedTo,
  hasDependencies,
  invalidParameterValue,
  mappedAddresses,
  missingParameter,
} from '../errors.ts';
import { requireRow, requireVpc } from '../lookup.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { type InternetGatewayRow, internetGateways, networkInterfaces, resourceKey } from '../tables.ts';
import { internetGatewayView } from '../views/vpc.ts';

const INTERNET_GATEWAYS: Described<InternetGatewayRow> = {
  kind: KINDS.internetGateway,
  table: internetGateways,
  indexed: { 'attachment.vpc-id': 'vpc' },
  fields: {
    'attachment.state': (row) => (row.vpcId === undefined ? undefined : 'available'),
    'attachment.vpc-id': (row) => row.vpcId,
    'internet-gateway-id': (row) => row.id,
    'owner-id': (row) => row.account,
  },
};

export const DescribeInternetGateways = operation('DescribeInternetGateways', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const page = await describe(ctx, INTERNET_GATEWAYS, input.InternetGatewayIds, input);
    return { InternetGateways: page.items.map(internetGatewayView), ...nextTokenOf(page) };
  },
});

export const CreateInternetGateway = operation('CreateInternetGateway', {
  resources: (_, scope) => arnsOf(KINDS.internetGateway, scope, [undefined]),
  creates: KINDS.internetGateway,
  handle: async (ctx, input) => {
    const tags = tagsFor(KINDS.internetGateway, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
    const row = await writeRegion(ctx, (tx) =>
      tx.put<InternetGatewayRow>(internetGateways, {
        account: ctx.account,
        region: ctx.region,
        id: newId(KINDS.internetGateway.prefix, ctx.ids),
        tags,
      }),
    );
    return { InternetGateway: internetGatewayView(row) };
  },
});

interface Attachment {
  readonly InternetGatewayId: string | undefined;
  readonly VpcId: string | undefined;
}

const bothEnds = (input: Attachment, scope: Scope) => [
  ...arnsOf(KINDS.internetGateway, scope, [input.InternetGatewayId]),
  ...arnsOf(KINDS.vpc, scope, [input.VpcId]),
];

/** A VPC has one at most. */
export const AttachInternetGateway = operation('AttachInternetGateway', {
  resources: bothEnds,
  handle: async (ctx, input) => {
    await writeRegion(ctx, async (tx) => {
      const { gateway, vpc } = await endsOf(tx, ctx, input);
      if (gateway.vpcId !== undefined) throw gatewayAttached(gateway.id, gateway.vpcId);
      const [other] = await tx.list(internetGateways, { where: ['vpc', resourceKey(ctx, vpc.id)], limit: 1 });
      if (other) throw invalidParameterValue(`Network ${vpc.id} already has an internet gateway attached`);
      await tx.put(internetGateways, { ...gateway, vpcId: vpc.id });
    });
    return {};
  },
});

export const DetachInternetGateway = operation('DetachInternetGateway', {
  resources: bothEnds,
  handle: async (ctx, input) => {
    await writeRegion(ctx, async (tx) => {
      const { gateway, vpc } = await endsOf(tx, ctx, input);
      const { vpcId, ...free } = gateway;
      if (vpcId !== vpc.id) throw gatewayNotAttachedTo(gateway.id, vpc.id);
      const interfaces = await tx.list(networkInterfaces, { where: ['vpc', resourceKey(ctx, vpc.id)] });
      if (interfaces.some((one) => one.association)) throw mappedAddresses(vpc.id);
      await tx.put(internetGateways, free);
    });
    return {};
  },
});

export const DeleteInternetGateway = operation('DeleteInternetGateway', {
  resources: (input, scope) => arnsOf(KINDS.internetGateway, scope, [input.InternetGatewayId]),
  handle: async (ctx, input) => {
    const id = input.InternetGatewayId;
    if (!id) throw missingParameter('internetGatewayId');
    await writeRegion(ctx, async (tx) => {
      const gateway = await requireRow(tx, internetGateways, KINDS.internetGateway, ctx, id);
      if (gateway.vpcId !== undefined) throw hasDependencies('internetGateway', id);
      await tx.delete(internetGateways, resourceKey(ctx, id));
    });
    return {};
  },
});

async function endsOf(tx: ReadTx, ctx: Ec2Context, { InternetGatewayId: id, VpcId: vpcId }: Attachment) {
  if (!id) throw missingParameter('internetGatewayId');
  if (!vpcId) throw missingParameter('vpcId');
  const gateway = await requireRow(tx, internetGateways, KINDS.internetGateway, ctx, id);
  return { gateway, vpc: await requireVpc(tx, ctx, vpcId) };
}
