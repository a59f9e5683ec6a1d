import type { ListenerRoutes, TargetGroupState } from '../load-balancer.ts';
import { batches, identifier } from './text.ts';

/**
 * A request that the chosen target group's protocol version cannot take is a 464.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-464-issues
 */
export function protocolVersionLines(
  { protocol, options }: Pick<ListenerRoutes, 'protocol' | 'options'>,
  groups: readonly TargetGroupState[],
): readonly string[] {
  const of = (...versions: readonly TargetGroupState['protocolVersion'][]) => {
    const ids = groups.filter((it) => versions.includes(it.protocolVersion)).map((it) => identifier(it.targetGroupId));
    return batches(ids).map((some) => `{ var(txn.tg) -m str -- ${some.join(' ')} }`);
  };
  const http2 = '{ req.ver -m str 2.0 }';
  const rpc = '{ req.hdr(content-type) -m beg application/grpc }';
  // Only over TLS clients agree on HTTP/2.
  const speaksHttp2 = protocol === 'HTTPS' && options.http2;
  return [
    ...of('HTTP2', 'GRPC').map((group) => refuse(`!${http2} ${group}`)),
    ...of('GRPC').map((group) => refuse(`!{ method POST } ${group}`)),
    ...(speaksHttp2 ? of('HTTP1').map((group) => refuse(`${http2} ${rpc} ${group}`)) : []),
  ];
}

function refuse(when: string): string {
  return `http-request return status 464 hdr Server awselb/2.0 if ${when}`;
}
