import type { Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { PartWork, Site } from '../site.ts';
import { GATEWAY_TAGS, managedTags } from '../site.ts';
import { certificateArn } from './certificate.ts';
import { findBalancer } from './load-balancer.ts';
import { targetGroups } from './target-group.ts';

const NOBODY = { StatusCode: '404', ContentType: 'text/plain', MessageBody: 'No Express service has this name.' };

/** The gateway's HTTPS listener with the service's certificate, and the rule that forwards its name: to the first group. */
export const listener: PartWork = {
  wish: ({ row }) => row.hostname,
  async make(site) {
    const certificate = await certificateArn(site);
    const groups = await targetGroups(site);
    if (certificate === undefined || !groups) return false;
    const listenerArn = await ensureListener(site, certificate);
    if (listenerArn === undefined) return false;
    await ensureRule(site, listenerArn, groups);
    return true;
  },
  async remove(site) {
    const listenerArn = await findListener(site);
    if (listenerArn === undefined) return true;
    const rule = (await rulesOf(site, listenerArn)).find((one) => isFor(one, site.row.hostname));
    if (rule) await site.call('elbv2', 'DeleteRule', { RuleArn: rule.RuleArn });
    return takeCertificate(site, listenerArn);
  },
};

async function ensureListener(site: Site, certificate: string): Promise<string | undefined> {
  const balancer = await findBalancer(site);
  if (!balancer) return undefined;
  const found = await findListener(site);
  if (found === undefined) {
    const { Listeners } = await site.call('elbv2', 'CreateListener', {
      LoadBalancerArn: balancer.LoadBalancerArn,
      Protocol: 'HTTPS',
      Port: 443,
      Certificates: [{ CertificateArn: certificate }],
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: NOBODY }],
      Tags: GATEWAY_TAGS,
    });
    return Listeners?.[0]?.ListenerArn;
  }
  const known = await certificatesOf(site, found);
  if (!known.some((one) => one.CertificateArn === certificate)) {
    const Certificates = [{ CertificateArn: certificate }];
    await site.call('elbv2', 'AddListenerCertificates', { ListenerArn: found, Certificates });
  }
  return found;
}

async function findListener(site: Site): Promise<string | undefined> {
  const balancer = await findBalancer(site);
  if (!balancer) return undefined;
  const asked = { LoadBalancerArn: balancer.LoadBalancerArn };
  const { Listeners = [] } = await site.call('elbv2', 'DescribeListeners', asked);
  return Listeners.find((one) => one.Port === 443)?.ListenerArn;
}

async function ensureRule(
  site: Site,
  ListenerArn: string,
  { own, alternate }: { readonly own: string; readonly alternate: string },
): Promise<void> {
  const rules = await rulesOf(site, ListenerArn);
  if (rules.some((one) => isFor(one, site.row.hostname))) return;
  const taken = new Set(rules.map((one) => one.Priority));
  const TargetGroups = [
    { TargetGroupArn: own, Weight: 100 },
    { TargetGroupArn: alternate, Weight: 0 },
  ];
  let Priority = 1;
  while (taken.has(String(Priority))) Priority += 1;
  await site.call('elbv2', 'CreateRule', {
    ListenerArn,
    Priority,
    Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: [site.row.hostname] } }],
    Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
    Tags: managedTags(site.row),
  });
}

/** The ARN of the rule that deployments shift the traffic by. */
export async function ruleArn(site: Site): Promise<string | undefined> {
  const listenerArn = await findListener(site);
  if (listenerArn === undefined) return undefined;
  return (await rulesOf(site, listenerArn)).find((one) => isFor(one, site.row.hostname))?.RuleArn;
}

async function rulesOf({ call }: Site, ListenerArn: string): Promise<readonly Rule[]> {
  return (await call('elbv2', 'DescribeRules', { ListenerArn })).Rules ?? [];
}

function isFor({ Conditions = [] }: Rule, hostname: string): boolean {
  return Conditions.some(
    ({ HostHeaderConfig, Values = [] }) => HostHeaderConfig?.Values?.includes(hostname) || Values.includes(hostname),
  );
}

async function certificatesOf({ call }: Site, ListenerArn: string) {
  return (await call('elbv2', 'DescribeListenerCertificates', { ListenerArn })).Certificates ?? [];
}

/** Off the listener. One of the others takes its place as the default, unless the gateway itself is about to go. */
async function takeCertificate(site: Site, ListenerArn: string): Promise<boolean> {
  const CertificateArn = await certificateArn(site);
  const known = await certificatesOf(site, ListenerArn);
  const own = known.find((one) => one.CertificateArn === CertificateArn);
  if (!own) return true;
  if (!own.IsDefault) {
    await site.call('elbv2', 'RemoveListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn }] });
    return true;
  }
  const other = known.find((one) => one.CertificateArn !== CertificateArn);
  if (!other) return site.gateway.isClosing === true;
  const Certificates = [{ CertificateArn: other.CertificateArn }];
  await site.call('elbv2', 'ModifyListener', { ListenerArn, Certificates });
  return false;
}
