import type { Call } from '../api/context.ts';
import type { CallAs } from '../api/service.ts';
import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import { messageOf, ServiceError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { ExecLogging } from '../services/ecs/index.ts';
import type { Program } from '../sessions/program.ts';
import { checkBucketEncryption, checkGroupEncryption } from './exec-log-checks.ts';
import { putTranscript, streamTranscript } from './exec-log-delivery.ts';
import { forgetTranscript, keepDestination, leftTranscripts, Transcript, transcriptPath } from './exec-transcript.ts';
import type { KeptTranscript } from './exec-transcript.ts';
import { ECS_TASKS } from './execution-role.ts';

/** A session that prints more ends, so that it neither goes on unlogged nor fills the disk. */
const MOST_BYTES = 1024 ** 3;

export interface ExecLogsOptions {
  /** Where transcripts lie until they are logged. */
  readonly folder: string;
  readonly callIn: (scope: Scope, as?: CallAs) => Call;
  readonly clock: Clock;
  readonly log: Log;
  readonly mostBytes?: number;
}

/**
 * Logs what sessions of ECS Exec print: into a file while they go on, and from there to S3 and CloudWatch Logs once they
 * have ended, under the role of the task. What the role may not do is said in the server's log, and the session is let
 * be. What a process leaves behind that is killed, the next one logs; rather twice than not at all.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html#ecs-exec-logging
 */
export class ExecLogs {
  readonly #options: ExecLogsOptions;
  /** One after another: so only one transcript's part is in memory. */
  #deliveries: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: ExecLogsOptions) {
    this.#options = options;
  }

  /** Before the first session: logs what the last process has left. */
  async open(): Promise<void> {
    for (const kept of await leftTranscripts(this.#options.folder)) this.#enqueue(kept);
  }

  /**
   * Starts a program, and logs what it prints.
   * @throws Error where the destination is not encrypted as it must be: then nothing is started
   */
  async record(sessionId: string, logging: ExecLogging, start: () => Promise<Program>): Promise<Program> {
    const { folder, mostBytes = MOST_BYTES } = this.#options;
    const { logGroup, bucket, region } = logging;
    if (logGroup) await checkGroupEncryption(this.#callAs(logging, logGroup.region), logGroup);
    if (bucket) await checkBucketEncryption(this.#callAs(logging, region), bucket);
    const transcript = await Transcript.create({ folder, sessionId, logging }, mostBytes);
    try {
      return recorded(await start(), transcript, () => this.#enqueue(transcript.kept, transcript));
    } catch (error) {
      await transcript.close();
      await forgetTranscript(transcript.kept);
      throw error;
    }
  }

  /** Once the sessions have ended: when what they printed is logged. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#deliveries;
  }

  #enqueue(kept: KeptTranscript, transcript?: Transcript): void {
    // Too late: the next process logs it.
    if (this.#isClosed) void transcript?.close();
    else this.#deliveries = this.#deliverAfter(this.#deliveries, kept, transcript);
  }

  async #deliverAfter(before: Promise<void>, kept: KeptTranscript, transcript?: Transcript): Promise<void> {
    await before;
    try {
      await transcript?.close();
      await this.#deliver(kept);
    } catch (error) {
      const fields = { session: kept.sessionId, error };
      this.#options.log.error('a session of ECS Exec is not logged before the next start', fields);
    }
  }

  /** As AWS's agent does: S3 first. */
  async #deliver(kept: KeptTranscript): Promise<void> {
    const { sessionId, logging } = kept;
    const { bucket, logGroup, ...rest } = logging;
    const file = { sessionId, path: transcriptPath(kept) };
    if (bucket) {
      const put = putTranscript(this.#callAs(logging, logging.region), bucket, file);
      await this.#unlessRefused(put, kept, { bucket: bucket.name });
      await keepDestination({ ...kept, logging: { ...rest, ...(logGroup && { logGroup }) } });
    }
    if (logGroup) {
      const call = this.#callAs(logging, logGroup.region);
      const streamed = streamTranscript(call, logGroup, file, this.#options.clock.now());
      await this.#unlessRefused(streamed, kept, { logGroup: logGroup.name });
    }
    await forgetTranscript(kept);
  }

  /** A refusal stays one: AWS's agent notes it, and gives up. */
  async #unlessRefused(delivery: Promise<void>, { sessionId, logging }: KeptTranscript, to: object): Promise<void> {
    try {
      await delivery;
    } catch (error) {
      if (!(error instanceof ServiceError) || error.httpStatus >= 500) throw error;
      this.#options.log.warn('a session of ECS Exec could not be logged', {
        session: sessionId,
        ...to,
        task: logging.role.sessionName,
        role: logging.role.arn,
        error: `${error.code}: ${messageOf(error)}`,
      });
    }
  }

  #callAs({ account, role }: ExecLogging, region: string): Call {
    return this.#options.callIn({ account, region }, { role: { ...role, service: ECS_TASKS } });
  }
}

/** Prints into the transcript first, and tells once no more comes. */
function recorded(program: Program, transcript: Transcript, onEnded: () => void): Program {
  let isEnded = false;
  const end = () => {
    if (isEnded) return;
    isEnded = true;
    onEnded();
  };
  return {
    output: copied(program.output, transcript, end),
    write: (bytes) => program.write(bytes),
    resize: (columns, rows) => program.resize(columns, rows),
    exitCode: () => program.exitCode(),
    close() {
      program.close();
      end();
    },
  };
}

async function* copied(output: Program['output'], transcript: Transcript, onEnded: () => void) {
  try {
    for await (const chunk of output) {
      await transcript.write(chunk.bytes);
      yield chunk;
    }
  } finally {
    onEnded();
  }
}
