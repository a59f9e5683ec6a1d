import type { ClientCertificateHeaders, ListenerOptions } from '../../../loadbalancer/load-balancer.ts';
import { invalidConfiguration } from '../errors.ts';
import type { ListenerRow } from '../tables.ts';
import { anything, attributeValue, seconds, type Attribute } from './attributes.ts';

const RESPONSE = 'routing.http.response';
const REQUEST = 'routing.http.request';

/** Headers that a listener puts into responses, by the attribute's middle. */
const HEADERS: Readonly<Record<string, string>> = {
  strict_transport_security: 'Strict-Transport-Security',
  access_control_allow_origin: 'Access-Control-Allow-Origin',
  access_control_allow_methods: 'Access-Control-Allow-Methods',
  access_control_allow_headers: 'Access-Control-Allow-Headers',
  access_control_allow_credentials: 'Access-Control-Allow-Credentials',
  access_control_expose_headers: 'Access-Control-Expose-Headers',
  access_control_max_age: 'Access-Control-Max-Age',
  content_security_policy: 'Content-Security-Policy',
  x_content_type_options: 'X-Content-Type-Options',
  x_frame_options: 'X-Frame-Options',
};

const text = (value: string) => /^[\u0020-\u007e]{0,1024}$/.test(value);
const headerName = (value: string) => /^[A-Za-z0-9-]{0,40}$/.test(value);
const valid: Readonly<Record<string, (value: string) => boolean>> = {
  access_control_allow_credentials: (value) => value === 'true' || value === '',
  access_control_max_age: (value) => /^\d{0,6}$/.test(value) && Number(value) <= 86_400,
  x_content_type_options: (value) => value === 'nosniff' || value === '',
  x_frame_options: (value) => /^(DENY|SAMEORIGIN|ALLOW-FROM https?:\/\/\S+|)$/.test(value),
};

const RESPONSE_ATTRIBUTES: readonly Attribute[] = [
  {
    key: `${RESPONSE}.server.enabled`,
    default: 'true',
    valid: (value) => value === 'true' || value === 'false',
    built: anything,
  },
  ...Object.keys(HEADERS).map((name) => ({
    key: `${RESPONSE}.${name}.header_value`,
    default: '',
    valid: valid[name] ?? text,
    built: anything,
  })),
];

/** Names of the headers that tell targets of the client's TLS, and of its certificate. */
const TLS_HEADERS: Readonly<Record<string, string>> = {
  x_amzn_tls_version: 'X-Amzn-Tls-Version',
  x_amzn_tls_cipher_suite: 'X-Amzn-Tls-Cipher-Suite',
};
const CLIENT_CERTIFICATE_HEADERS: Readonly<Record<string, string>> = {
  x_amzn_mtls_clientcert: 'X-Amzn-Mtls-Clientcert',
  x_amzn_mtls_clientcert_serial_number: 'X-Amzn-Mtls-Clientcert-Serial-Number',
  x_amzn_mtls_clientcert_issuer: 'X-Amzn-Mtls-Clientcert-Issuer',
  x_amzn_mtls_clientcert_subject: 'X-Amzn-Mtls-Clientcert-Subject',
  x_amzn_mtls_clientcert_validity: 'X-Amzn-Mtls-Clientcert-Validity',
  x_amzn_mtls_clientcert_leaf: 'X-Amzn-Mtls-Clientcert-Leaf',
};

const HTTPS_ATTRIBUTES: readonly Attribute[] = [
  ...Object.entries(TLS_HEADERS).map(([name, header]) => ({
    key: `${REQUEST}.${name}.header_name`,
    default: header,
    valid: headerName,
    built: headerName,
  })),
  ...Object.entries(CLIENT_CERTIFICATE_HEADERS).map(([name, header]) => ({
    key: `${REQUEST}.${name}.header_name`,
    default: header,
    valid: headerName,
    built: headerName,
  })),
];

/** The names of the headers that tell targets of the client's certificate. */
export function clientCertificateHeaders({ attributes = {} }: ListenerRow): ClientCertificateHeaders {
  const name = (middle: string) => {
    const key = `x_amzn_mtls_clientcert${middle}`;
    const value = attributeValue(HTTPS_ATTRIBUTES, attributes, `${REQUEST}.${key}.header_name`);
    return value || (CLIENT_CERTIFICATE_HEADERS[key] ?? '');
  };
  return {
    certificate: name(''),
    serialNumber: name('_serial_number'),
    issuer: name('_issuer'),
    subject: name('_subject'),
    validity: name('_validity'),
    leaf: name('_leaf'),
  };
}

const TCP_ATTRIBUTES: readonly Attribute[] = [
  { key: 'tcp.idle_timeout.seconds', default: '350', valid: seconds(60, 6000), built: anything },
];

/** How long a connection of a listener for TCP or TLS may be silent; that of TLS is fixed. */
export function streamIdleSeconds({ protocol, attributes = {} }: ListenerRow): number {
  return Number(attributeValue(TCP_ATTRIBUTES, protocol === 'TCP' ? attributes : {}, 'tcp.idle_timeout.seconds'));
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html */
export function listenerAttributes(protocol: ListenerRow['protocol']): readonly Attribute[] {
  if (protocol === 'TLS') return [];
  if (protocol === 'TCP') return TCP_ATTRIBUTES;
  return protocol === 'HTTPS' ? [...RESPONSE_ATTRIBUTES, ...HTTPS_ATTRIBUTES] : RESPONSE_ATTRIBUTES;
}

/** What must hold beyond each value. */
export function checkListenerAttributes(set: Readonly<Record<string, string>>): void {
  const value = (name: string) => set[`${RESPONSE}.${name}.header_value`];
  if (value('access_control_allow_credentials') === 'true' && value('access_control_allow_origin') === '*') {
    throw invalidConfiguration('Access-Control-Allow-Origin cannot be * when credentials are allowed');
  }
}

/** What the plane does about them. */
export function headerOptions(
  listener: ListenerRow,
): Pick<ListenerOptions, 'serverHeader' | 'responseHeaders' | 'tlsHeaderNames'> {
  const { attributes = {} } = listener;
  const value = (key: string) => attributeValue(listenerAttributes('HTTPS'), attributes, key);
  const headers = Object.entries(HEADERS).map(
    ([name, header]) => [header, value(`${RESPONSE}.${name}.header_value`)] as const,
  );
  return {
    serverHeader: value(`${RESPONSE}.server.enabled`) === 'true',
    responseHeaders: headers.filter(([, text]) => text !== ''),
    tlsHeaderNames: {
      version: value(`${REQUEST}.x_amzn_tls_version.header_name`) || 'X-Amzn-Tls-Version',
      cipher: value(`${REQUEST}.x_amzn_tls_cipher_suite.header_name`) || 'X-Amzn-Tls-Cipher-Suite',
    },
  };
}
