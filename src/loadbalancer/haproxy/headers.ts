import type { ListenerRoutes } from '../load-balancer.ts';
import { identifier, literal, word } from './text.ts';

/** What ALB adds to each request: X-Forwarded-*, X-Amzn-Trace-Id, and the headers of the attributes. */
export function headerLines(listener: ListenerRoutes): readonly string[] {
  const { options } = listener;
  const https = listener.protocol === 'HTTPS';
  return [
    ...(options.dropInvalidHeaders ? [`http-request del-header '[^A-Za-z0-9-]' -m reg`] : []),
    ...forwardedForLines(listener),
    `http-request set-header X-Forwarded-Proto ${https ? 'https' : 'http'}`,
    'http-request set-header X-Forwarded-Port %[dst_port]',
    ...TRACE_LINES,
    ...(options.tlsHeaders && https
      ? [
          `http-request set-header ${identifier(options.tlsHeaderNames.version)} %[ssl_fc_protocol]`,
          `http-request set-header ${identifier(options.tlsHeaderNames.cipher)} %[ssl_fc_cipher]`,
        ]
      : []),
  ];
}

/** What a listener does to every response, its own among them. */
export function responseHeaderLines({ options, clientKeepAliveSeconds }: ListenerRoutes): readonly string[] {
  return [
    'tcp-request connection set-var(sess.since) date()',
    `http-after-response set-header Connection close if { date(),sub(sess.since) -m int ge ${clientKeepAliveSeconds} }`,
    ...(options.serverHeader ? [] : ['http-after-response del-header Server']),
    ...options.responseHeaders.map(
      ([name, value]) => `http-after-response set-header ${identifier(name)} ${word(literal(value))}`,
    ),
  ];
}

/**
 * One line is continued after a comma; several lines get one more, which means the same. Each line of the configuration
 * leaves nothing to do for those below it.
 */
function forwardedForLines(listener: ListenerRoutes): readonly string[] {
  const { xForwardedFor, xForwardedForClientPort } = listener.options;
  if (xForwardedFor === 'preserve') return [];
  if (xForwardedFor === 'remove') return ['http-request del-header X-Forwarded-For'];
  const client = xForwardedForClientPort ? '%[src]:%[src_port]' : '%[src]';
  return [
    `http-request add-header X-Forwarded-For ${client} if { req.fhdr_cnt(x-forwarded-for) gt 1 }`,
    `http-request set-header X-Forwarded-For '%[req.fhdr(x-forwarded-for)], ${client}' if { req.fhdr_cnt(x-forwarded-for) eq 1 }`,
    `http-request set-header X-Forwarded-For ${client} unless { req.fhdr(x-forwarded-for) -m found }`,
  ];
}

/** `1-<time, 8 hex digits>-<24 hex digits>`. Without an expression of the UUID: it is a tenth of what a request costs. */
const TRACE = `1-%[date,bytes(4,4),hex,lower]-${'%[rand,bytes(4,4),hex,lower]'.repeat(3)}`;

/** Root for a new trace, Self in front of one that has its root; the first line that fits leaves nothing for the others. */
const TRACE_LINES = [
  `http-request set-header X-Amzn-Trace-Id 'Self=${TRACE};%[req.fhdr(x-amzn-trace-id)]' if { req.fhdr(x-amzn-trace-id) -m sub Root= }`,
  `http-request set-header X-Amzn-Trace-Id 'Root=${TRACE};%[req.fhdr(x-amzn-trace-id)]' if { req.fhdr(x-amzn-trace-id) -m found } !{ req.fhdr(x-amzn-trace-id) -m sub Root= }`,
  `http-request set-header X-Amzn-Trace-Id 'Root=${TRACE}' unless { req.fhdr(x-amzn-trace-id) -m found }`,
];
