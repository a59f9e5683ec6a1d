const EVERY_MS = 50;

/**
 * Waits for a state, not for a time: asks until the answer is neither false nor undefined, and answers it.
 * @throws Error naming what did not happen, after `withinMs`
 */
export async function until<T>(what: string, ask: () => Promise<T | false | undefined>, withinMs = 60_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`It did not happen within ${withinMs / 1000} s that ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
