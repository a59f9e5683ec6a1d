import type { TargetGroupState } from '../load-balancer.ts';
import type { SideFiles } from './rendered.ts';
import { digest, serverName, word } from './text.ts';

/**
 * Keeps a client with its target: which cookie means which target is in maps, so targets come and go without a reload.
 * A target that drains is in none of them, and HAProxy passes over one that is down.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
 */
export function stickyTargetLines(group: TargetGroupState, files: SideFiles): readonly string[] {
  const { stickiness, targetGroupId } = group;
  if (!stickiness) return [];
  const pairs = group.targets
    .filter((target) => !target.draining)
    .map((target) => [digest(`${targetGroupId} ${serverName(target)}`), serverName(target)] as const);
  const byCookie = files.addMap('targets', digest(targetGroupId), pairs);
  const byTarget = files.addMap(
    'cookies',
    digest(targetGroupId),
    pairs.map(([cookie, name]) => [name, cookie]),
  );
  const app = stickiness.type === 'app_cookie';
  const cookies = app ? ['AWSALBAPP-0'] : ['AWSALB', 'AWSALBCORS'];
  // The application's cookie holds the client as long as it has it.
  const held = app ? [`{ ${word(`req.cook(${stickiness.cookie})`)} -m found }`] : [];
  const told = app ? [`{ ${word(`res.cook(${stickiness.cookie})`)} -m found }`] : [];
  return [
    ...cookies.map(
      (cookie) =>
        `http-request set-var(txn.target) req.cook(${cookie}),map_str(${byCookie}) if ${[...held, '!{ var(txn.target) -m found }'].join(' ')}`,
    ),
    'use-server %[var(txn.target)] if { var(txn.target) -m found }',
    `http-response set-var(txn.target_cookie) srv_name,map_str(${byTarget})`,
    ...cookies.map(
      (cookie) =>
        `http-response add-header Set-Cookie '${cookie}=%[var(txn.target_cookie)]; Expires=%[date(${stickiness.seconds}),http_date]; Path=/${cookie.endsWith('CORS') ? '; SameSite=None' : ''}' if ${[...told, '{ var(txn.target_cookie) -m found }'].join(' ')}`,
    ),
  ];
}
