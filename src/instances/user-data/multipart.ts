/** One part of a MIME message, decoded. */
export interface MimePart {
  /** In lower case, without its parameters. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** The parts of a MIME multipart message (RFC 2046), or what is wrong with it. */
export function readMultipart(message: Buffer): readonly MimePart[] | string {
  const { headers, body } = readEntity(message.toString('latin1').trimStart());
  const boundary = parameter(headers['content-type'] ?? '', 'boundary');
  // A message of one part has no boundary.
  if (boundary === undefined)
    return /^multipart\//i.test(typeOf(headers)) ? 'its MIME header names no boundary' : [decode(headers, body)];
  const lines = `\n${body}`.split(new RegExp(`\\r?\\n--${escaped(boundary)}(--)?[ \\t]*(?=\\r?\\n|$)`));
  // What is before the first boundary and after the last is nobody's; each split gives a text and its mark of the end.
  const parts: MimePart[] = [];
  for (let index = 2; index < lines.length && lines[index - 1] === undefined; index += 2) {
    const entity = readEntity((lines[index] ?? '').replace(/^\r?\n/, ''));
    parts.push(decode(entity.headers, entity.body));
  }
  return parts.length === 0 ? 'its MIME message has no parts' : parts;
}

interface Entity {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function readEntity(text: string): Entity {
  const headers: Record<string, string> = {};
  const lines = text.split('\n');
  let last = '';
  let at = 0;
  for (; at < lines.length; at++) {
    const line = (lines[at] ?? '').replace(/\r$/, '');
    if (line === '') break;
    const match = /^([\w-]+):\s*(.*)$/.exec(line);
    if (match) {
      last = (match[1] ?? '').toLowerCase();
      headers[last] = match[2] ?? '';
    } else if (/^[ \t]/.test(line) && last !== '') headers[last] += ` ${line.trim()}`;
  }
  return { headers, body: lines.slice(at + 1).join('\n') };
}

function decode(headers: Entity['headers'], body: string): MimePart {
  return { type: typeOf(headers), bytes: decodeBody(body, (headers['content-transfer-encoding'] ?? '').toLowerCase()) };
}

function decodeBody(body: string, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64');
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1');
  const text = body.replace(/=[ \t]*\r?\n/g, '');
  return Buffer.from(
    text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

function typeOf(headers: Entity['headers']): string {
  return (headers['content-type'] ?? 'text/plain').split(';')[0]?.trim().toLowerCase() ?? '';
}

function parameter(header: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(header);
  return match?.[1] ?? match?.[2];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
