/** What listeners and target groups of a load balancer of type network speak: connections, not requests. */
export type StreamProtocol = 'TCP' | 'TLS';

export function isStream(protocol: string): protocol is StreamProtocol {
  return protocol === 'TCP' || protocol === 'TLS';
}

/** Listeners that end the client's TLS: they have certificates. */
export function isEncrypted(protocol: string): protocol is 'HTTPS' | 'TLS' {
  return protocol === 'HTTPS' || protocol === 'TLS';
}

const FIT: Readonly<Record<string, readonly string[]>> = {
  HTTP: ['HTTP', 'HTTPS'],
  HTTPS: ['HTTP', 'HTTPS'],
  TCP: ['TCP'],
  TLS: ['TCP', 'TLS'],
};

/** Whether a listener may forward to a group. */
export function fits(listenerProtocol: string, groupProtocol: string): boolean {
  return FIT[listenerProtocol]?.includes(groupProtocol) ?? false;
}
