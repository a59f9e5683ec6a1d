import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

export interface Upstream {
  readonly address: string;
  readonly port: number;
}

const DNS_PORT = 53;

/** Answers the host's own name servers; the file is read again each time, since networks change. */
export function hostUpstreams(path = '/etc/resolv.conf'): () => readonly string[] {
  return () => {
    try {
      return parseResolvConf(readFileSync(path, 'utf8'));
    } catch {
      return [];
    }
  };
}

/** The addresses of the `nameserver` lines. */
export function parseResolvConf(text: string): string[] {
  return text.split('\n').flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? []);
}

/** `192.0.2.1`, `192.0.2.1:5353`, `::1` or `[::1]:5353`; undefined for anything else. */
export function parseUpstream(text: string): Upstream | undefined {
  if (isIP(text) !== 0) return { address: text, port: DNS_PORT };
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? '';
  return isIP(address) === 0 || Number(port) > 65_535 ? undefined : { address, port: Number(port) };
}
