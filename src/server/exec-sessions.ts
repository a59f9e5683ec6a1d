import { lstat } from 'node:fs/promises';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { EcsPorts } from '../services/ecs/index.ts';
import type { SessionsPort } from '../services/ssm/index.ts';
import type { Program } from '../sessions/program.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { ExecLogs } from './exec-logs.ts';
import { SESSIONS_PATH } from './session-endpoint.ts';

/** ECS Exec runs everything as root: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html */
const ROOT = '0:0';
const SHELL = '/bin/sh';

type ExecRuntime = Pick<ContainerRuntime, 'exec' | 'inspect'>;

/** ECS Exec: a program in a container behind a session of Session Manager. */
export function execSessions(
  sessions: Sessions,
  engineOf: (instanceId: string | undefined) => ExecRuntime,
  endpoint: string,
  logs: Pick<ExecLogs, 'record'>,
): EcsPorts['openSession'] {
  return ({ runtimeId, instanceId, command, owner, logging }) => {
    const begin = () => startProgram(engineOf(instanceId), runtimeId, command);
    const { sessionId, token } = sessions.open({
      prefix: 'ecs-execute-command',
      owner,
      start: (id) => (logging ? logs.record(id, logging, begin) : begin()),
    });
    return { sessionId, streamUrl: streamUrlOf(endpoint, sessionId), tokenValue: token };
  };
}

/** What Systems Manager asks of sessions. */
export function sessionManager(sessions: Sessions, endpoint: string): SessionsPort {
  return {
    resume(sessionId, owner) {
      const tokenValue = sessions.resume(sessionId, owner);
      return tokenValue === undefined ? undefined : { tokenValue, streamUrl: streamUrlOf(endpoint, sessionId) };
    },
    terminate: (sessionId, owner) => sessions.terminate(sessionId, owner),
  };
}

function streamUrlOf(endpoint: string, sessionId: string): string {
  return `${endpoint.replace(/^http/, 'ws')}${SESSIONS_PATH}${sessionId}?role=publish_subscribe`;
}

/** By the container's shell, as AWS's agent does it; in an image without one, the words are the program. */
async function startProgram(runtime: ExecRuntime, runtimeId: string, command: string): Promise<Program> {
  const state = await runtime.inspect(runtimeId);
  const hasShell = state?.pid === undefined || (await exists(`/proc/${state.pid}/root${SHELL}`));
  return runtime.exec(runtimeId, {
    command: hasShell ? [SHELL, '-c', command] : command.trim().split(/\s+/),
    terminal: true,
    environment: { TERM: 'xterm-256color' },
    user: ROOT,
  });
}

/** A link counts: what it means is known inside the container only. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}
