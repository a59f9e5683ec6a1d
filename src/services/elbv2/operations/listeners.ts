import type { Certificate, ModifyListenerInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../../api/context.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { ReadTx } from '../../../store/store.ts';
import { listenerConditions, named, newListenerConditions, tagOnCreate } from '../authorization.ts';
import { actionFrom } from '../domain/actions.ts';
import { listenerArn } from '../domain/names.ts';
import { isEncrypted } from '../domain/protocols.ts';
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
import { checkPortIsFree } from '../application-targets.ts';
import { requireCertificate } from '../certificates.ts';
import { checkForwarding } from '../forwarding.ts';
import { inScope, listenerOf, loadBalancerOf } from '../lookup.ts';
import { mutualTlsFrom } from '../mutual-tls.ts';
import { operation } from '../operation.ts';
import { page } from '../paging.ts';
import { listeners, rules, type ListenerRow } from '../tables.ts';
import { listenerView } from '../views.ts';

export const CreateListener = operation('CreateListener', {
  resources: (input) => named([input.LoadBalancerArn]),
  conditions: newListenerConditions,
  also: (input) => tagOnCreate(input, 'CreateListener', listenerArn(input.LoadBalancerArn ?? '*', '*')),
  handle: async (ctx, input) => {
    const { LoadBalancerArn: loadBalancerArn = '' } = input;
    if (input.Protocol === undefined) throw invalid('A listener protocol must be specified');
    const protocol = checkProtocol(input.Protocol, loadBalancerArn);
    const alpn = alpnPolicy(protocol, input.AlpnPolicy);
    const port = checkPort(input.Port);
    const tls = tlsSettings(protocol, input.Certificates, input.SslPolicy);
    for (const arn of tls.certificateArns) await requireCertificate(ctx, arn);
    const defaultAction = actionFrom(input.DefaultActions ?? [], protocol);
    const id = ctx.ids.hex(16);
    const row = await ctx.write(async (tx) => {
      const loadBalancer = await loadBalancerOf(tx, ctx, loadBalancerArn);
      const others = await tx.list(listeners, { where: ['loadBalancer', loadBalancer.arn] });
      if (others.some((other) => other.port === port)) throw duplicateListener(loadBalancer.arn);
      if (others.length >= QUOTAS.listeners) {
        throw tooMany('TooManyListenersException', 'The limit on the number of listeners has been reached');
      }
      await checkForwarding(tx, ctx, defaultAction, loadBalancer, protocol);
      const mutual = await mutualTlsFrom(tx, ctx, protocol, input.MutualAuthentication);
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
        ...alpn,
        ...mutual,
        defaultAction,
        defaultRuleId: ctx.ids.hex(16),
        tags: withTags({}, input.Tags),
        defaultRuleTags: {},
      });
    });
    return { Listeners: [listenerView(row)] };
  },
});

/** What load balancers of a type listen for. */
const PROTOCOLS = {
  app: ['HTTP', 'HTTPS'],
  net: ['TCP', 'TLS'],
} as const;

function checkProtocol(protocol: string, loadBalancerArn: string): ListenerRow['protocol'] {
  const network = /:(loadbalancer|listener)\/net\//.test(loadBalancerArn);
  if (network && ['UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'].includes(protocol)) {
    throw notSupported(`Listener protocol '${protocol}'`, `Use 'TCP' or 'TLS'.`);
  }
  const known = PROTOCOLS[network ? 'net' : 'app'].find((it) => it === protocol);
  if (!known) throw unsupportedProtocol(protocol);
  return known;
}

const ALPN_POLICIES = ['HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred'] as const;

function alpnPolicy(
  protocol: ListenerRow['protocol'],
  policies: readonly string[] = [],
): Pick<ListenerRow, 'alpnPolicy'> {
  const [policy, ...more] = policies;
  if (policy === undefined) return {};
  if (protocol !== 'TLS') throw invalidConfiguration('ALPN policies apply to TLS listeners only');
  if (more.length > 0)
    throw new ServiceError('ALPNPolicyNotSupportedException', 'You can specify one ALPN policy only');
  const alpn = ALPN_POLICIES.find((it) => it === policy);
  if (!alpn && policy !== 'None') {
    throw new ServiceError('ALPNPolicyNotSupportedException', `The ALPN policy '${policy}' is not supported`);
  }
  return alpn ? { alpnPolicy: alpn } : {};
}

function checkPort(port: number | undefined): number {
  if (port === undefined) throw invalid('A listener port must be specified');
  if (port < 1 || port > 65_535) throw invalid(`Port '${port}' must be between 1 and 65535`);
  return port;
}

/** What HTTPS and TLS need and the others must not have. */
function tlsSettings(
  protocol: ListenerRow['protocol'],
  certificates: readonly Certificate[] = [],
  sslPolicy?: string,
): Pick<ListenerRow, 'certificateArns' | 'sslPolicy'> {
  if (!isEncrypted(protocol)) {
    if (certificates.length > 0) throw invalid(`A certificate cannot be specified for ${protocol} listeners`);
    if (sslPolicy !== undefined) throw invalid(`An SSL policy cannot be specified for ${protocol} listeners`);
    return { certificateArns: [] };
  }
  if (certificates.length === 0) throw invalid(`A certificate must be specified for ${protocol} listeners`);
  if (certificates.length > 1) throw invalid('You can specify only one default certificate for a listener');
  if (sslPolicy !== undefined && !isSslPolicy(sslPolicy)) throw sslPolicyNotFound(sslPolicy);
  return { certificateArns: [certificates[0]?.CertificateArn ?? ''], sslPolicy: sslPolicy ?? DEFAULT_SSL_POLICY };
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

async function requested(tx: ReadTx, ctx: Context, arns: readonly string[]) {
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
    const { ListenerArn: listenerArn, Certificates: certificates = [] } = input;
    await ctx.read((tx) => listenerOf(tx, ctx, listenerArn));
    for (const certificate of certificates) await requireCertificate(ctx, certificate.CertificateArn ?? '');
    const row = await ctx.write(async (tx) => {
      // All that is kept is of this moment: others change certificates and settings meanwhile.
      const { sslPolicy, alpnPolicy: alpnBefore, mutualTls, ...before } = await listenerOf(tx, ctx, listenerArn);
      const protocol = checkProtocol(input.Protocol ?? before.protocol, before.arn);
      const alpn = modifiedAlpn(protocol, input, alpnBefore);
      const tls = modifiedTls(protocol, input, { certificateArns: before.certificateArns, sslPolicy });
      const port = checkPort(input.Port ?? before.port);
      const others = await tx.list(listeners, { where: ['loadBalancer', before.loadBalancerArn] });
      if (others.some((other) => other.port === port && other.arn !== before.arn)) {
        throw duplicateListener(before.loadBalancerArn);
      }
      if (port !== before.port) await checkPortIsFree(tx, before);
      const defaultAction = input.DefaultActions ? actionFrom(input.DefaultActions, protocol) : before.defaultAction;
      if (protocol !== 'HTTPS') await checkNoTokens(tx, { ...before, defaultAction });
      await checkForwarding(tx, ctx, defaultAction, { arn: before.loadBalancerArn, vpcId: before.vpcId }, protocol);
      const kept = protocol === 'HTTPS' && mutualTls ? { mutualTls } : {};
      const mutual = input.MutualAuthentication
        ? await mutualTlsFrom(tx, ctx, protocol, input.MutualAuthentication)
        : kept;
      return tx.put<ListenerRow>(listeners, {
        ...before,
        port,
        protocol,
        ...tls,
        ...alpn,
        ...mutual,
        defaultAction,
      });
    });
    return { Listeners: [listenerView(row)] };
  },
});

/** The other certificates stay beside another default one. */
function modifiedTls(
  protocol: ListenerRow['protocol'],
  input: Pick<ModifyListenerInput, 'Certificates' | 'SslPolicy'>,
  before: { readonly certificateArns: readonly string[]; readonly sslPolicy: string | undefined },
): Pick<ListenerRow, 'certificateArns' | 'sslPolicy'> {
  const [defaultArn, ...more] = isEncrypted(protocol) ? before.certificateArns : [];
  const kept = defaultArn === undefined ? [] : [{ CertificateArn: defaultArn }];
  const keptPolicy = isEncrypted(protocol) ? before.sslPolicy : undefined;
  const tls = tlsSettings(protocol, input.Certificates ?? kept, input.SslPolicy ?? keptPolicy);
  return { ...tls, certificateArns: [...new Set([...tls.certificateArns, ...more])] };
}

function modifiedAlpn(
  protocol: ListenerRow['protocol'],
  { AlpnPolicy: asked = [] }: Pick<ModifyListenerInput, 'AlpnPolicy'>,
  before: ListenerRow['alpnPolicy'],
): Pick<ListenerRow, 'alpnPolicy'> {
  const kept = protocol === 'TLS' && before !== undefined ? [before] : [];
  return alpnPolicy(protocol, asked.length > 0 ? asked : kept);
}

/** Tokens are validated over HTTPS only. */
async function checkNoTokens(
  tx: ReadTx,
  { arn, defaultAction }: Pick<ListenerRow, 'arn' | 'defaultAction'>,
): Promise<void> {
  const own = await tx.list(rules, { where: ['listener', arn] });
  if ([defaultAction, ...own.map((rule) => rule.action)].some((action) => action.jwt)) {
    throw invalidConfiguration('Listeners with jwt-validation actions must have the protocol HTTPS');
  }
}

export const DeleteListener = operation('DeleteListener', {
  resources: (input) => named([input.ListenerArn]),
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await listenerOf(tx, ctx, input.ListenerArn);
      await checkPortIsFree(tx, row);
      for (const rule of await tx.list(rules, { where: ['listener', row.arn] })) await tx.delete(rules, rule.arn);
      await tx.delete(listeners, row.arn);
    });
    return {};
  },
});
