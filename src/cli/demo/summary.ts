import { type Home, type ServerState, homeFlag } from '../home.ts';
import { awsLines } from './aws-lines.ts';
import type { Deployment } from './deployment.ts';
import type { Site } from './site.ts';

/** Where the page of a site is, and the same walk with curl and the aws CLI. */
export function formatSummary(home: Home, server: ServerState, site: Site, deployment: Deployment): string {
  return [
    '',
    `  ${siteUrl(server, site)}`,
    '',
    `  CA      ${home.caFile}   (add it to your browser's authorities, or accept its warning)`,
    `  curl    ${curlLine(home, server, site)}`,
    `  aws     eval "$(longshore env${homeFlag(home)})"`,
    '',
    '  The same with the aws CLI:',
    ...awsLines(site, deployment, server).map((line) => `    ${line}`),
    '',
  ].join('\n');
}

export function siteUrl(server: ServerState, { domain }: Site): string {
  const { httpsPort } = server.edge;
  return `https://${domain}${httpsPort === 443 ? '' : `:${httpsPort}`}/`;
}

function curlLine(home: Home, server: ServerState, site: Site): string {
  const { address, httpsPort } = server.edge;
  return `curl --cacert ${home.caFile} --resolve ${site.domain}:${httpsPort}:${address} ${siteUrl(server, site)}`;
}
