import type { Certificate, CreateListenerInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../../api/context.ts';
import type { ReadTx } from '../../../store/store.ts';
import { listenerConditions, named, newListenerConditions, tagOnCreate } from '../authorization.ts';
import { actionFrom } from '../domain/actions.ts';
import { listenerArn } from '../domain/names.ts';
import { QUOTAS } from '../domain/quotas.ts';
import { DEFAULT_SSL_POLICY, isSslPolicy } from '../domain/ssl-policies.ts';
import { withTags } from '../domain/tags.ts';
import {
  duplicateListener,
  invalid,
  invalidConfiguration,
  listenerNotFound,
  notSupported,
  sslPolicyNotFound,
  tooMany,
  unsupportedProtocol,
} from '../errors.ts';
import { requireCertificate } from '../certificates.ts';
import { checkForwarding } from '../forwarding.ts';
import { inScope, listenerOf, loadBalancerOf } from '../lookup.ts';
import { operation, type Elbv2Ports } from '../operation.ts';
import { page } from '../paging.ts';
import { listeners, rules, type ListenerRow } from '../tables.ts';
import { listenerView } from '../views.ts';

export const CreateListener = operation('CreateListener', {
  resources: (input) => named([input.LoadBalancerArn]),
  conditions: newListenerConditions,
  also: (input) => tagOnCreate(input, 'CreateListener', listenerArn(input.LoadBalancerArn ?? '*', '*')),
  handle: async (ctx, input) => {
    refuseUnbuilt(input);
    const { LoadBalancerArn: loadBalancerArn = '' } = input;
    if (input.Protocol === undefined) throw invalid('A listener protocol must be specified');
    const protocol = checkProtocol(input.Protocol);
    const port = checkPort(input.Port);
    const tls = await tlsSettings(ctx, protocol, input.Certificates, input.SslPolicy);
    const defaultAction = actionFrom(input.DefaultActions ?? [], protocol);
    const id = ctx.ids.hex(16);
    const row = await ctx.write(async (tx) => {
      const loadBalancer = await loadBalancerOf(tx, ctx, loadBalancerArn);
      const others = await tx.list(listeners, { where: ['loadBalancer', loadBalancer.arn] });
      if (others.some((other) => other.port === port)) throw duplicateListener(loadBalancer.arn);
      if (others.length >= QUOTAS.listeners) {
        throw tooMany('TooManyListenersException', 'The limit on the number of listeners has been reached');
      }
      await checkForwarding(tx, ctx, defaultAction, loadBalancer);
      return tx.put<ListenerRow>(listeners, {
        account: ctx.account,
        region: ctx.region,
        arn: listenerArn(loadBalancer.arn, id),
        id,
        loadBalancerArn: loadBalancer.arn,
        vpcId: loadBalancer.vpcId,
        port,
        protocol,
        ...tls,
        defaultAction,
        defaultRuleId: ctx.ids.hex(16),
        tags: withTags({}, input.Tags),
        defaultRuleTags: {},
      });
    });
    return { Listeners: [listenerView(row)] };
  },
});

function refuseUnbuilt(input: Pick<CreateListenerInput, 'AlpnPolicy' | 'MutualAuthentication'>): void {
  if (input.AlpnPolicy?.length) throw invalidConfiguration('ALPN policies apply to TLS listeners only');
  const mode = input.MutualAuthentication?.Mode ?? 'off';
  if (mode !== 'off') throw notSupported(`Mutual authentication mode '${mode}'`, `Use 'off'.`);
}

function checkProtocol(protocol: string): 'HTTP' | 'HTTPS' {
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') throw unsupportedProtocol(protocol);
  return protocol;
}

function checkPort(port: number | undefined): number {
  if (port === undefined) throw invalid('A listener port must be specified');
  if (port < 1 || port > 65_535) throw invalid(`Port '${port}' must be between 1 and 65535`);
  return port;
}

/** What HTTPS needs and HTTP must not have. */
async function tlsSettings(
  ctx: Context<Elbv2Ports>,
  protocol: 'HTTP' | 'HTTPS',
  certificates: readonly Certificate[] = [],
  sslPolicy?: string,
): Promise<Pick<ListenerRow, 'certificateArns' | 'sslPolicy'>> {
  if (protocol === 'HTTP') {
    if (certificates.length > 0) throw invalid('A certificate cannot be specified for HTTP listeners');
    if (sslPolicy !== undefined) throw invalid('An SSL policy cannot be specified for HTTP listeners');
    return { certificateArns: [] };
  }
  if (certificates.length === 0) throw invalid('A certificate must be specified for HTTPS listeners');
  if (certificates.length > 1) throw invalid('You can specify only one default certificate for a listener');
  if (sslPolicy !== undefined && !isSslPolicy(sslPolicy)) throw sslPolicyNotFound(sslPolicy);
  const arn = certificates[0]?.CertificateArn ?? '';
  await requireCertificate(ctx, arn);
  return { certificateArns: [arn], sslPolicy: sslPolicy ?? DEFAULT_SSL_POLICY };
}

export const DescribeListeners = operation('DescribeListeners', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { LoadBalancerArn: loadBalancerArn, ListenerArns: arns = [] } = input;
    if (loadBalancerArn === undefined && arns.length === 0) {
      throw invalid('You must specify either listener ARNs or a load balancer ARN');
    }
    if (loadBalancerArn !== undefined && arns.length > 0) {
      throw invalid('You cannot specify both listener ARNs and a load balancer ARN');
    }
    const rows = await ctx.read(async (tx) => {
      if (loadBalancerArn !== undefined) {
        await loadBalancerOf(tx, ctx, loadBalancerArn);
        return tx.list(listeners, { where: ['loadBalancer', loadBalancerArn] });
      }
      return requested(tx, ctx, arns);
    });
    const { items, next } = page(rows, (row) => row.arn, input);
    return { Listeners: items.map(listenerView), ...next };
  },
});

async function requested(tx: ReadTx, ctx: Context<Elbv2Ports>, arns: readonly string[]) {
  const found = await Promise.all(arns.toSorted().map((arn) => tx.get(listeners, arn)));
  return found.map((row) => {
    if (!row || !inScope(row, ctx)) throw listenerNotFound();
    return row;
  });
}

export const ModifyListener = operation('ModifyListener', {
  resources: (input) => named([input.ListenerArn]),
  conditions: listenerConditions,
  handle: async (ctx, input) => {
    refuseUnbuilt(input);
    const known = await ctx.read((tx) => listenerOf(tx, ctx, input.ListenerArn));
    const protocol = checkProtocol(input.Protocol ?? known.protocol);
    const [defaultArn, ...moreArns] = known.certificateArns;
    const kept = protocol === 'HTTPS' && defaultArn !== undefined ? [{ CertificateArn: defaultArn }] : [];
    const keptPolicy = protocol === 'HTTPS' ? known.sslPolicy : undefined;
    const tls = await tlsSettings(ctx, protocol, input.Certificates ?? kept, input.SslPolicy ?? keptPolicy);
    const row = await ctx.write(async (tx) => {
      const { sslPolicy: _, ...before } = await listenerOf(tx, ctx, input.ListenerArn);
      const port = checkPort(input.Port ?? before.port);
      const others = await tx.list(listeners, { where: ['loadBalancer', before.loadBalancerArn] });
      if (others.some((other) => other.port === port && other.arn !== before.arn)) {
        throw duplicateListener(before.loadBalancerArn);
      }
      const defaultAction = input.DefaultActions ? actionFrom(input.DefaultActions, protocol) : before.defaultAction;
      await checkForwarding(tx, ctx, defaultAction, { arn: before.loadBalancerArn, vpcId: before.vpcId });
      const additional = protocol === 'HTTPS' ? moreArns.filter((arn) => !tls.certificateArns.includes(arn)) : [];
      return tx.put<ListenerRow>(listeners, {
        ...before,
        port,
        protocol,
        ...tls,
        certificateArns: [...tls.certificateArns, ...additional],
        defaultAction,
      });
    });
    return { Listeners: [listenerView(row)] };
  },
});

export const DeleteListener = operation('DeleteListener', {
  resources: (input) => named([input.ListenerArn]),
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await listenerOf(tx, ctx, input.ListenerArn);
      for (const rule of await tx.list(rules, { where: ['listener', row.arn] })) await tx.delete(rules, rule.arn);
      await tx.delete(listeners, row.arn);
    });
    return {};
  },
});
