import type { SideFiles } from './rendered.ts';

/** The statuses that HAProxy answers itself, worded as ALB words them. */
const PAGES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  405: 'Not Allowed',
  408: 'Request Time-out',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** The page that ALB shows for a status. */
export function htmlPage(status: number, phrase: string): string {
  const title = `${status} ${phrase}`;
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
}

/** `errorfile` lines for all of them. */
export function errorFileLines(files: SideFiles): readonly string[] {
  return Object.keys(PAGES).map((status) => `errorfile ${status} ${errorFile(files, Number(status))}`);
}

/** The path of the whole HTTP response for a status. */
export function errorFile(files: SideFiles, status: number): string {
  const phrase = PAGES[status] ?? '';
  const body = htmlPage(status, phrase);
  const head = [
    `HTTP/1.1 ${status} ${phrase}`,
    'Server: awselb/2.0',
    'Content-Type: text/html',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return files.add(`error-${status}`, '.http', `${head.join('\r\n')}\r\n\r\n${body}`);
}
