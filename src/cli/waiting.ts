import { type Clock, sleep } from '../kernel/clock.ts';
import { CliError, Interrupted } from './cli-error.ts';

/**
 * Asks again and again until there is an answer.
 * @throws CliError naming `what` when it takes longer than `timeoutMs`
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  options: { clock: Clock; timeoutMs: number; everyMs?: number; signal?: AbortSignal | undefined },
): Promise<T> {
  const deadline = options.clock.now() + options.timeoutMs;
  for (;;) {
    if (options.signal?.aborted) throw new Interrupted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (options.clock.now() >= deadline) {
      throw new CliError(`${what}: not within ${Math.round(options.timeoutMs / 1000)} s`);
    }
    await sleep(options.clock, options.everyMs ?? 250, options.signal);
  }
}
