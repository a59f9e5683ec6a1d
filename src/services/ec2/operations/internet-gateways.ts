import { type Described, describe, nextTokenOf } from '../describe.ts';
import { KINDS } from '../domain/resource-kind.ts';
import { operation } from '../operation.ts';
import { type InternetGatewayRow, internetGateways } from '../tables.ts';
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
