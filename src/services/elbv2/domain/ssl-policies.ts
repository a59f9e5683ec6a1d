import type { SslPolicy } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ListenerRoutes } from '../../../loadbalancer/load-balancer.ts';

type TlsSettings = Pick<ListenerRoutes, 'minTlsVersion' | 'maxTlsVersion' | 'ciphers'>;

const TLS13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const ECDHE_GCM = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
];
const ECDHE_SHA2 = [
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
];
const ECDHE_SHA1 = ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES128-SHA', 'ECDHE-RSA-AES256-SHA', 'ECDHE-ECDSA-AES256-SHA'];
const RSA_SHA2 = ['AES128-GCM-SHA256', 'AES128-SHA256', 'AES256-GCM-SHA384', 'AES256-SHA256'];
const RSA_SHA1 = ['AES128-SHA', 'AES256-SHA'];

const FORWARD_SECRET = [...ECDHE_GCM, ...ECDHE_SHA2, ...ECDHE_SHA1];
const ALL = [...FORWARD_SECRET, ...RSA_SHA2, ...RSA_SHA1];

type Version = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const POLICIES: readonly { name: string; versions: readonly Version[]; ciphers: readonly string[] }[] = [
  policy('TLS13-1-2-2021-06', ['TLSv1.2', 'TLSv1.3'], [...TLS13, ...ECDHE_GCM, ...ECDHE_SHA2]),
  policy('TLS13-1-2-Res-2021-06', ['TLSv1.2', 'TLSv1.3'], [...TLS13, ...ECDHE_GCM]),
  policy('TLS13-1-2-Ext1-2021-06', ['TLSv1.2', 'TLSv1.3'], [...TLS13, ...ECDHE_GCM, ...ECDHE_SHA2, ...RSA_SHA2]),
  policy('TLS13-1-2-Ext2-2021-06', ['TLSv1.2', 'TLSv1.3'], [...TLS13, ...ALL]),
  policy('TLS13-1-1-2021-06', ['TLSv1.1', 'TLSv1.2', 'TLSv1.3'], [...TLS13, ...ALL]),
  policy('TLS13-1-0-2021-06', ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'], [...TLS13, ...ALL]),
  policy('TLS13-1-3-2021-06', ['TLSv1.3'], TLS13),
  policy('2016-08', ['TLSv1', 'TLSv1.1', 'TLSv1.2'], ALL),
  policy('TLS-1-0-2015-04', ['TLSv1', 'TLSv1.1', 'TLSv1.2'], [...ALL, 'DES-CBC3-SHA']),
  policy('TLS-1-1-2017-01', ['TLSv1.1', 'TLSv1.2'], ALL),
  policy('TLS-1-2-2017-01', ['TLSv1.2'], [...ECDHE_GCM, ...ECDHE_SHA2, ...RSA_SHA2]),
  policy('TLS-1-2-Ext-2018-06', ['TLSv1.2'], ALL),
  policy('FS-2018-06', ['TLSv1', 'TLSv1.1', 'TLSv1.2'], FORWARD_SECRET),
  policy('FS-1-1-2019-08', ['TLSv1.1', 'TLSv1.2'], FORWARD_SECRET),
  policy('FS-1-2-2019-08', ['TLSv1.2'], FORWARD_SECRET),
  policy('FS-1-2-Res-2019-08', ['TLSv1.2'], [...ECDHE_GCM, ...ECDHE_SHA2]),
  policy('FS-1-2-Res-2020-10', ['TLSv1.2'], ECDHE_GCM),
];

export const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08';

export function sslPolicies(): readonly SslPolicy[] {
  return POLICIES.map(({ name, versions, ciphers }) => ({
    Name: name,
    SslProtocols: [...versions],
    Ciphers: ciphers.map((cipher, at) => ({ Name: cipher, Priority: at + 1 })),
    SupportedLoadBalancerTypes: ['application', 'network'],
  }));
}

export function isSslPolicy(name: string): boolean {
  return POLICIES.some((it) => it.name === name);
}

/**
 * What a policy lets a client speak. The plane goes no lower than TLS 1.2, whatever older versions a policy allows: the TLS
 * library refuses them.
 */
export function tlsOf(name = DEFAULT_SSL_POLICY): TlsSettings {
  const { versions = [], ciphers = [] } = POLICIES.find((it) => it.name === name) ?? {};
  return {
    minTlsVersion: versions.length === 1 && versions[0] === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2',
    maxTlsVersion: versions.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
    ciphers,
  };
}

function policy(suffix: string, versions: readonly Version[], ciphers: readonly string[]) {
  return { name: `ELBSecurityPolicy-${suffix}`, versions, ciphers };
}
