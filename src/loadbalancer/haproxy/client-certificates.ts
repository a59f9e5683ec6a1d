import type { ListenerRoutes } from '../load-balancer.ts';
import type { SideFiles } from './rendered.ts';
import { identifier } from './text.ts';

/** X.509's numbers of what does not matter: no list of revocations of this authority, and a certificate that has expired. */
const NO_LIST = 3;
const EXPIRED = 10;

/**
 * What a `bind` line says of the client's certificate.
 * @param anyCertificate the path of some certificate: HAProxy asks clients for theirs only with an authority at hand
 */
export function clientCertificateWords(
  { clientCertificates: asked }: ListenerRoutes,
  files: SideFiles,
  anyCertificate: string,
): string {
  if (!asked) return '';
  if (asked.mode === 'passthrough') {
    return ` verify optional ca-verify-file ${anyCertificate} ca-ignore-err all crt-ignore-err all`;
  }
  const authorities = files.add('ca', '.pem', asked.authorities);
  const lists = asked.revocations.join('\n');
  const revoked = lists === '' ? '' : ` crl-file ${files.add('crl', '.pem', lists)} ca-ignore-err ${NO_LIST}`;
  const ignored = [...(lists === '' ? [] : [NO_LIST]), ...(asked.ignoreExpiry ? [EXPIRED] : [])];
  return [
    ` verify required ${asked.advertiseAuthorities ? 'ca-file' : 'ca-verify-file'} ${authorities}`,
    revoked,
    ignored.length === 0 ? '' : ` crt-ignore-err ${ignored.join(',')}`,
  ].join('');
}

/**
 * What targets are told of it; nothing that a client says itself gets through.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html#mtls-http-headers
 */
export function clientCertificateLines({ clientCertificates: asked }: ListenerRoutes): readonly string[] {
  if (!asked) return [];
  const names = asked.headerNames;
  const removed = Object.values<string>({ ...names }).map((name) => `http-request del-header ${identifier(name)}`);
  const set = (name: string, value: string) => `http-request set-header ${identifier(name)} ${value} if { ssl_c_used }`;
  if (asked.mode === 'passthrough') return [...removed, ...pemLines(), set(names.certificate, PEM)];
  return [
    ...removed,
    ...pemLines(),
    set(names.serialNumber, '%[ssl_c_serial,hex]'),
    set(names.issuer, `'%[ssl_c_i_dn(,0,rfc2253)]'`),
    set(names.subject, `'%[ssl_c_s_dn(,0,rfc2253)]'`),
    `http-request set-var(txn.cert_from) ${time('ssl_c_notbefore')} if { ssl_c_used }`,
    `http-request set-var(txn.cert_to) ${time('ssl_c_notafter')} if { ssl_c_used }`,
    set(names.validity, `'NotBefore=%[var(txn.cert_from)];NotAfter=%[var(txn.cert_to)]'`),
    set(names.leaf, PEM),
  ];
}

/** PEM as in a URL, but with `+`, `=` and `/` as they are. */
const PEM = `'-----BEGIN%%20CERTIFICATE-----%%0A%[var(txn.cert)]%%0A-----END%%20CERTIFICATE-----%%0A'`;

function pemLines(): readonly string[] {
  return [
    String.raw`http-request set-var(txn.cert) 'ssl_c_der,base64,regsub(".{64}(?=.)","\\0%0A",g)' if { ssl_c_used }`,
  ];
}

/** `YYMMDDhhmmssZ` as an ISO time. */
function time(fetch: string): string {
  return String.raw`'${fetch},regsub("^(..)(..)(..)(..)(..)(..).*$","20\\1-\\2-\\3T\\4:\\5:\\6Z")'`;
}
