import type { InstanceDriver } from '../instances/instance-driver.ts';

const MOST_LINES = 100;
/** What an instance's own file names may be in a line. */
const LONGEST_LINE = 1000;

/** What the agents of instances have to say; shown at the end of an instance's console. Lost when the server ends. */
export class AgentConsole {
  readonly #lines = new Map<string, string[]>();

  /** The same twice in a row is said once. Answers whether it is new. */
  say(instanceId: string, text: string): boolean {
    const line = text.slice(0, LONGEST_LINE);
    const lines = this.#lines.get(instanceId) ?? [];
    if (lines.at(-1) === line) return false;
    this.#lines.set(instanceId, [...lines, line].slice(-MOST_LINES));
    return true;
  }

  linesOf(instanceId: string): readonly string[] {
    return this.#lines.get(instanceId) ?? [];
  }

  forget(instanceId: string): void {
    this.#lines.delete(instanceId);
  }
}

/** The driver, with the agents' lines in the consoles. */
export function withAgentLines(driver: InstanceDriver, console: AgentConsole): InstanceDriver {
  return {
    start: (spec) => driver.start(spec),
    stop: (instanceId, timeoutMs) => driver.stop(instanceId, timeoutMs),
    terminate: (instanceId) => driver.terminate(instanceId),
    reboot: (instanceId) => driver.reboot(instanceId),
    inspect: (instanceId) => driver.inspect(instanceId),
    list: () => driver.list(),
    events: (signal) => driver.events(signal),
    consoleOutput: async (instanceId) => {
      const text = await driver.consoleOutput(instanceId);
      return (
        text +
        console
          .linesOf(instanceId)
          .map((line) => `ecs-agent: ${line}\n`)
          .join('')
      );
    },
    readFile: (instanceId, path) => driver.readFile(instanceId, path),
    runtimeOf: (instanceId) => driver.runtimeOf(instanceId),
    hostPid: (instanceId, pid) => driver.hostPid(instanceId, pid),
  };
}
