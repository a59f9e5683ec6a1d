import { hookAnswerOf } from '../services/ecs/index.ts';
import type { DeploymentHooks } from '../services/ecs/index.ts';

/** Longer work answers IN_PROGRESS and is asked again. */
const TIMEOUT_MS = 10_000;
const MOST_BYTES = 64 * 1024;

/**
 * Calls the endpoints of lifecycle hooks. Users name these, and the server reaches hosts that users may not: only those
 * that the operator has allowed are called, and a redirect elsewhere is not followed.
 * @param allowed each `HOST`, which stands for every port of it, or `HOST:PORT`
 */
export function deploymentHooks(allowed: readonly string[]): DeploymentHooks {
  const allows = ({ protocol, hostname, port, username }: URL): boolean => {
    const number = port || (protocol === 'https:' ? '443' : '80');
    const isHttp = protocol === 'http:' || protocol === 'https:';
    return isHttp && !username && (allowed.includes(hostname) || allowed.includes(`${hostname}:${number}`));
  };
  return {
    allows,
    async post(url, event) {
      if (!allows(url)) throw new Error(`${url.host} is not in --deployment-hook-hosts.`);
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'User-Agent': 'longshore' },
        body: JSON.stringify(event),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const body = await textOf(response);
      if (!response.ok) throw new Error(`The hook answered with status ${response.status}.`);
      return hookAnswerOf(JSON.parse(body));
    },
  };
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`The hook's answer exceeds ${MOST_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
