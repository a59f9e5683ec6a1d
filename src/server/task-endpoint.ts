import type { ServerResponse } from 'node:http';
import type { HttpRoutes } from '../gateway/http-server.ts';
import type { SessionCredentials } from '../identity/session-credentials.ts';
import { plain } from '../gateway/http-server.ts';
import type { AnswerMetadata, MetadataAnswer } from './task-metadata.ts';

const CREDENTIALS = '/v2/credentials/';

/** The credentials of a task's role, by the id in its environment; undefined where there is none (any more). */
export type FindCredentials = (
  credentialsId: string,
) => Promise<{ readonly roleArn: string; readonly credentials: SessionCredentials } | undefined>;

/**
 * What tasks reach at 169.254.170.2: the credentials of their role, and the AWS API itself, so that an SDK in a container
 * never goes to the real AWS with keys of this server.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
 */
export function taskRoutes(api: HttpRoutes['api'], find: FindCredentials, metadata: AnswerMetadata): HttpRoutes {
  return {
    api,
    stream: (path) => {
      if (path.startsWith(CREDENTIALS)) {
        return async (req, res) => sendCredentials(res, req.method, path.slice(CREDENTIALS.length), find);
      }
      if (/^\/(v[34]|api)\//.test(path)) return async (req, res) => sendAnswer(res, await metadata(req, path));
      return undefined;
    },
    own: async () => plain(404, 'There is nothing here.\n'),
  };
}

async function sendCredentials(
  res: ServerResponse,
  method: string | undefined,
  id: string,
  find: FindCredentials,
): Promise<void> {
  const found = method === 'GET' && /^[0-9a-f-]{36}$/.test(id) ? await find(id) : undefined;
  if (!found) {
    return send(res, 404, { code: 'InvalidIdInRequest', message: 'Credentials not found', HTTPErrorCode: 404 });
  }
  const { roleArn, credentials } = found;
  return send(res, 200, {
    RoleArn: roleArn,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: new Date(credentials.expiresAtMs).toISOString(),
  });
}

function sendAnswer(res: ServerResponse, { status, body }: MetadataAnswer): void {
  send(res, status, body);
}

function send(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
