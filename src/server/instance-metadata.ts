import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../kernel/clock.ts';
import type { SealedBox } from '../kernel/sealed-box.ts';
import { metadataTree, readMetadata } from '../services/ec2/index.ts';
import type { MetadataRecord, MetadataRole } from '../services/ec2/index.ts';

const TOKEN = 'x-aws-ec2-metadata-token';
const TOKEN_TTL = 'x-aws-ec2-metadata-token-ttl-seconds';
const LONGEST_TTL_SECONDS = 21_600;
/** Every version of the service has the same categories here. */
const VERSION = /^(?:latest|1\.0|20\d\d-\d\d-\d\d)$/;

export interface InstanceMetadataParts {
  /** Of purpose `instance-metadata-tokens`. */
  readonly box: SealedBox;
  readonly clock: Clock;
  readonly find: (vpcId: string, interfaceId: string) => Promise<MetadataRecord | undefined>;
  readonly roleOf: (record: MetadataRecord) => Promise<MetadataRole | undefined>;
}

/** Whose port was called. */
interface Asker {
  readonly vpcId: string;
  readonly interfaceId: string;
}

/** Answers one request of the instance that has the interface. */
export type AnswerInstance = (req: IncomingMessage, res: ServerResponse, asker: Asker) => Promise<void>;

interface Answer {
  readonly status: number;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

type Request = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

/**
 * The instance metadata service, versions 1 and 2, at 169.254.169.254.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
export function instanceMetadata(parts: InstanceMetadataParts): AnswerInstance {
  return async (req, res, { vpcId, interfaceId }) => {
    const record = await parts.find(vpcId, interfaceId);
    const { status, body, headers } = record ? await answerMetadata(req, record, parts) : { status: 404 };
    const content = body ?? errorPage(status);
    res.writeHead(status, {
      Server: 'EC2ws',
      'Content-Type': status >= 400 ? 'text/html' : 'text/plain',
      'Content-Length': Buffer.byteLength(content),
      // The network knows by a connection's first bytes how far its answers may go: so there is one request for each.
      Connection: 'close',
      ...headers,
    });
    res.end(req.method === 'HEAD' ? undefined : content);
  };
}

/** All but the writing of it. */
export async function answerMetadata(
  req: Request,
  record: MetadataRecord,
  parts: InstanceMetadataParts,
): Promise<Answer> {
  const { row } = record;
  if (row.metadata.httpEndpoint === 'disabled') return { status: 403 };
  const path = (req.url ?? '/').split('?')[0] ?? '/';
  if (req.method === 'PUT') return path === '/latest/api/token' ? newToken(req, row.id, parts) : { status: 404 };
  if (req.method !== 'GET' && req.method !== 'HEAD') return { status: 405 };
  const token = textOf(req.headers[TOKEN]);
  const expiresAt = token === undefined ? undefined : expiryOf(token, row.id, parts);
  if (token === undefined ? row.metadata.httpTokens === 'required' : expiresAt === undefined) return { status: 401 };
  const body = await contentOf(path, record, parts);
  if (body === undefined) return { status: 404 };
  const left = expiresAt === undefined ? undefined : Math.floor((expiresAt - parts.clock.now()) / 1000);
  return { status: 200, body, ...(left === undefined ? {} : { headers: { [TOKEN_TTL]: String(left) } }) };
}

async function contentOf(
  path: string,
  record: MetadataRecord,
  { roleOf }: InstanceMetadataParts,
): Promise<string | Buffer | undefined> {
  const [, version = '', ...rest] = path.split('/');
  if (version === '') return '1.0\n2021-07-15\nlatest';
  if (!VERSION.test(version)) return undefined;
  const { row } = record;
  if (rest[0] === 'user-data') {
    return rest.length > 1 || row.userData === undefined ? undefined : Buffer.from(row.userData, 'base64');
  }
  if (rest.length === 0 || rest.join('') === '')
    return `dynamic\nmeta-data${row.userData === undefined ? '' : '\nuser-data'}`;
  // Only what is about the role asks IAM for it.
  const isAboutRole = rest[1] === 'iam';
  return readMetadata(metadataTree(record, isAboutRole ? await roleOf(record) : undefined), rest, row.keyName);
}

/** A request that came through a proxy gets none: https://aws.amazon.com/blogs/security/defense-in-depth-open-firewalls-reverse-proxies-ssrf-vulnerabilities-ec2-instance-metadata-service/ */
function newToken(req: Request, instanceId: string, { box, clock }: InstanceMetadataParts): Answer {
  if (req.headers['x-forwarded-for'] !== undefined) return { status: 403 };
  const wanted = textOf(req.headers[TOKEN_TTL]) ?? '';
  const ttl = /^\d{1,5}$/.test(wanted) ? Number(wanted) : 0;
  if (ttl < 1 || ttl > LONGEST_TTL_SECONDS) return { status: 400 };
  const sealed = box.seal(JSON.stringify({ instanceId, expiresAt: clock.now() + ttl * 1000 }));
  return { status: 200, body: sealed, headers: { [TOKEN_TTL]: String(ttl) } };
}

/** Only of a token that is the instance's own, and still good. */
function expiryOf(token: string, instanceId: string, { box, clock }: InstanceMetadataParts): number | undefined {
  const text = box.open(token);
  if (text === undefined) return undefined;
  const { instanceId: of, expiresAt }: { instanceId?: string; expiresAt?: number } = JSON.parse(text);
  return of === instanceId && expiresAt !== undefined && expiresAt > clock.now() ? expiresAt : undefined;
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

const WORDS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
};

function errorPage(status: number): string {
  const title = `${status} - ${WORDS[status] ?? 'Error'}`;
  return `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
	"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>${title}</title>
 </head>
 <body>
  <h1>${title}</h1>
 </body>
</html>
`;
}
