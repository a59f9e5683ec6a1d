import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** One line of `docker events`. */
export interface EngineEvent {
  readonly timeMs: number;
  readonly action: string;
  readonly task: string;
  /** `pause` or `container`. */
  readonly role: string;
}

/** What the engine says that it did for the tasks of one server, with its own clock. */
export class EngineEvents {
  readonly all: EngineEvent[] = [];
  readonly #child: ChildProcess;

  constructor(instanceId: string) {
    const label = `label=longshore.instance=${instanceId}`;
    const child = spawn('docker', ['events', '--format', '{{json .}}', '--filter', label], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.all.push(eventOf(line));
    });
  }

  close(): void {
    this.#child.kill();
  }
}

function eventOf(line: string): EngineEvent {
  const { Action, timeNano, Actor } = JSON.parse(line) as {
    Action: string;
    timeNano: number;
    Actor: { Attributes: Record<string, string> };
  };
  return {
    timeMs: timeNano / 1_000_000,
    action: Action,
    task: Actor.Attributes['longshore.task'] ?? '',
    role: Actor.Attributes['longshore.role'] ?? '',
  };
}
