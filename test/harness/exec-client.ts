import { ExecuteCommandCommand } from '@aws-sdk/client-ecs';
import type { Session, Task } from '@aws-sdk/client-ecs';
import { systemClock } from '../../src/kernel/clock.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { ClientChannel } from '../../src/sessions/client-channel.ts';
import type { SessionEnd } from '../../src/sessions/client-channel.ts';
import type { TaskLab } from './task-lab.ts';

/** A client of Session Manager's data channel, with a terminal of 100 by 30. */
export class ExecClient {
  output = '';
  readonly sessionId: string;
  readonly ended: Promise<SessionEnd>;
  readonly #channel: ClientChannel;
  readonly #socket: WebSocket;

  constructor({ sessionId = '', streamUrl = '', tokenValue = '' }: Session) {
    this.sessionId = sessionId;
    const ended = Promise.withResolvers<SessionEnd>();
    this.ended = ended.promise;
    const socket = new WebSocket(streamUrl);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#channel = new ClientChannel({
      clock: systemClock,
      ids: systemIds,
      send: (bytes) => socket.send(new Uint8Array(bytes)),
      onOutput: (bytes) => (this.output += bytes.toString('utf8')),
      onReady: () => this.#channel.resize(100, 30),
      onClosed: ended.resolve,
    });
    socket.addEventListener('open', () => socket.send(this.#channel.opening(tokenValue)));
    socket.addEventListener('message', ({ data }) => this.#channel.receive(Buffer.from(data as ArrayBuffer)));
    socket.addEventListener('close', ({ code, reason }) =>
      ended.resolve({ why: `connection closed: ${code} ${reason}` }),
    );
  }

  /** As ExecuteCommand opens it for a container. */
  static async open(lab: TaskLab, task: Task, container: string, command: string): Promise<ExecClient> {
    const { session } = await lab.clients.ecs.send(
      new ExecuteCommandCommand({
        cluster: lab.name,
        task: task.taskArn ?? '',
        container,
        command,
        interactive: true,
      }),
    );
    return new ExecClient(session ?? {});
  }

  type(text: string): void {
    this.#channel.input(Buffer.from(text));
  }

  resize(columns: number, rows: number): void {
    this.#channel.resize(columns, rows);
  }

  close(): void {
    this.#socket.close();
  }
}
