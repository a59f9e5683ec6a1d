import type {
  Action,
  FixedResponseActionConfig,
  RedirectActionConfig,
  TargetGroupStickinessConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalid, invalidAction, notInEnum, notSupported, tooMany } from '../errors.ts';
import type { ActionRow, ListenerRow } from '../tables.ts';
import { jwtFrom, jwtView } from './jwt.ts';
import { isStream } from './protocols.ts';
import { QUOTAS } from './quotas.ts';

type Redirect = Extract<ActionRow, { type: 'redirect' }>;
type FixedResponse = Extract<ActionRow, { type: 'fixed-response' }>;
type Forward = Extract<ActionRow, { type: 'forward' }>;

const FINAL = ['forward', 'redirect', 'fixed-response'];

/** What a listener or a rule does with a request, checked: one action, and what a token must be before it. */
export function actionFrom(actions: readonly Action[], protocol: ListenerRow['protocol']): ActionRow {
  if (actions.length === 0) throw invalid('A default action must be specified');
  const types = actions.map((it) => it.Type ?? '');
  const refused = types.find((type) => type !== 'jwt-validation' && !FINAL.includes(type));
  if (refused?.startsWith('authenticate-')) throw notSupported(`Action type '${refused}'`);
  if (refused !== undefined) throw notInEnum(refused, 'actions.1.member.type', [...FINAL, 'jwt-validation']);
  const validations = actions.filter((it) => it.Type === 'jwt-validation');
  const [action, ...more] = actions.filter((it) => it.Type !== 'jwt-validation');
  if (!action || more.length > 0) {
    throw tooMany('TooManyActionsException', 'You can specify exactly one forward, redirect or fixed-response action');
  }
  if (validations.length > 1) {
    throw tooMany('TooManyActionsException', 'You can specify one jwt-validation action only');
  }
  checkOrders(actions, action);
  if (isStream(protocol) && action.Type !== 'forward') {
    throw invalidAction(`Action type '${action.Type}' is not supported with listener protocol '${protocol}'`);
  }
  const common = {
    ...(action.Order === undefined ? {} : { order: action.Order }),
    ...(validations[0] ? { jwt: jwtFrom(validations[0], protocol) } : {}),
  };
  if (action.Type === 'redirect') return { ...redirectFrom(action.RedirectConfig, protocol), ...common };
  if (action.Type === 'fixed-response') return { ...fixedResponseFrom(action.FixedResponseConfig), ...common };
  return { ...forwardFrom(action), ...common };
}

/** Several actions have an order each, and the last one answers or forwards. */
function checkOrders(actions: readonly Action[], last: Action): void {
  const orders = actions.flatMap((it) => it.Order ?? []);
  const outside = orders.find((order) => order < 1 || order > 50_000);
  if (outside !== undefined) throw invalid(`Action order '${outside}' must be between 1 and 50000`);
  if (actions.length === 1) return;
  if (orders.length < actions.length) throw invalidAction('An order must be specified for each of several actions');
  if (new Set(orders).size < orders.length) throw invalidAction('Each action must have an order of its own');
  if (last.Order !== Math.max(...orders)) {
    throw invalidAction('The action with the highest order must be a forward, redirect or fixed-response action');
  }
}

function forwardFrom(action: Action): Forward {
  const config = action.ForwardConfig;
  const stickiness = stickinessFrom(config?.TargetGroupStickinessConfig);
  const tuples = config?.TargetGroups ?? [];
  if (tuples.length > 0 && action.TargetGroupArn !== undefined) {
    if (tuples.length > 1 || tuples[0]?.TargetGroupArn !== action.TargetGroupArn) {
      throw invalidAction('You must specify either a single target group ARN or the same one in ForwardConfig');
    }
  }
  const groups = tuples.length > 0 ? tuples : [{ TargetGroupArn: action.TargetGroupArn }];
  if (groups.length > QUOTAS.targetGroupsOfAction) {
    throw invalidAction(`A forward action can have at most ${QUOTAS.targetGroupsOfAction} target groups`);
  }
  const targetGroups = groups.map((tuple) => {
    const weight = 'Weight' in tuple && tuple.Weight !== undefined ? tuple.Weight : 1;
    if (!tuple.TargetGroupArn) throw invalid('A target group ARN must be specified');
    if (weight < 0 || weight > 999) throw invalid(`Target group weight '${weight}' must be between 0 and 999`);
    return { arn: tuple.TargetGroupArn, weight };
  });
  if (new Set(targetGroups.map((group) => group.arn)).size < targetGroups.length) {
    throw invalidAction('A target group can only be specified once in an action');
  }
  return { type: 'forward', targetGroups, ...stickiness };
}

const LONGEST_STICKINESS_SECONDS = 7 * 24 * 3600;

function stickinessFrom(config: TargetGroupStickinessConfig | undefined): Pick<Forward, 'stickiness'> {
  if (!config || (config.Enabled === undefined && config.DurationSeconds === undefined)) return {};
  const { Enabled: enabled = false, DurationSeconds: durationSeconds } = config;
  if (enabled && durationSeconds === undefined) {
    throw invalidAction('A duration must be specified when target group stickiness is enabled');
  }
  if (durationSeconds !== undefined && (durationSeconds < 1 || durationSeconds > LONGEST_STICKINESS_SECONDS)) {
    throw invalid(
      `Target group stickiness duration '${durationSeconds}' must be between 1 and ${LONGEST_STICKINESS_SECONDS} seconds`,
    );
  }
  return { stickiness: { enabled, ...(durationSeconds === undefined ? {} : { durationSeconds }) } };
}

const NAMED = String.raw`#\{(?:protocol|host|port|path|query)\}`;
/** A character or a placeholder, and never either way: what can be read in two ways takes a time that is exponential. */
const PIECE = String.raw`(?:${NAMED}|(?!${NAMED})[\u0021-\u007e])`;

function redirectFrom(config: RedirectActionConfig | undefined, listenerProtocol: ListenerRow['protocol']): Redirect {
  if (!config) throw invalidAction('A redirect action must have a RedirectConfig');
  const redirect = {
    type: 'redirect' as const,
    protocol: config.Protocol ?? '#{protocol}',
    host: config.Host ?? '#{host}',
    port: config.Port ?? '#{port}',
    path: config.Path ?? '/#{path}',
    query: config.Query ?? '#{query}',
    status: redirectStatus(config.StatusCode),
  };
  matches('Protocol', redirect.protocol, /^(HTTPS?|#\{protocol\})$/);
  matches('Port', redirect.port, /^([1-9]\d{0,4}|#\{port\})$/);
  if (redirect.port !== '#{port}' && Number(redirect.port) > 65_535) throw badRedirect('Port', redirect.port);
  matches('Host', redirect.host, /^(?:[A-Za-z0-9.-]|#\{host\}){1,128}$/);
  matches('Path', redirect.path, new RegExp(`^/${PIECE}{0,127}$`));
  matches('Query', redirect.query, new RegExp(`^${PIECE}{0,128}$`));
  if (listenerProtocol === 'HTTPS' && redirect.protocol === 'HTTP') {
    throw invalidAction('You cannot redirect HTTPS to HTTP');
  }
  const { protocol, host, port, path } = redirect;
  if (protocol === '#{protocol}' && host === '#{host}' && port === '#{port}' && path === '/#{path}') {
    throw invalidAction(
      'The redirect configuration must change at least one of protocol, port, hostname or path, or it would loop',
    );
  }
  return redirect;
}

function redirectStatus(code: string | undefined): 301 | 302 {
  if (code === 'HTTP_301') return 301;
  if (code === 'HTTP_302') return 302;
  throw notInEnum(code ?? '', 'redirectConfig.statusCode', ['HTTP_301', 'HTTP_302']);
}

function matches(member: string, value: string, pattern: RegExp): void {
  if (!pattern.test(value)) throw badRedirect(member, value);
}

function badRedirect(member: string, value: string) {
  return invalidAction(`The redirect ${member} '${value}' is not valid`);
}

const CONTENT_TYPES = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'];

function fixedResponseFrom(config: FixedResponseActionConfig | undefined): FixedResponse {
  if (!config) throw invalidAction('A fixed-response action must have a FixedResponseConfig');
  const { StatusCode: status = '', ContentType: contentType, MessageBody: body } = config;
  if (!/^[245]\d\d$/.test(status))
    throw invalidAction(`The fixed-response status code '${status}' must be 2XX, 4XX or 5XX`);
  if (contentType !== undefined && !CONTENT_TYPES.includes(contentType)) {
    throw invalidAction(`The fixed-response content type must be one of ${CONTENT_TYPES.join(', ')}`);
  }
  if (body !== undefined && body.length > 1024) {
    throw invalidAction('The fixed-response message body can have at most 1024 characters');
  }
  return {
    type: 'fixed-response',
    status: Number(status),
    ...(contentType === undefined ? {} : { contentType }),
    ...(body === undefined ? {} : { body }),
  };
}

/** In their order. */
export function actionViews(row: ActionRow): Action[] {
  return [...(row.jwt ? [jwtView(row.jwt)] : []), actionView(row)];
}

function actionView(action: ActionRow): Action {
  const order = action.order === undefined ? {} : { Order: action.order };
  switch (action.type) {
    case 'forward': {
      const [first, ...others] = action.targetGroups;
      return {
        Type: 'forward',
        ...(first && others.length === 0 ? { TargetGroupArn: first.arn } : {}),
        ...order,
        ForwardConfig: {
          TargetGroups: action.targetGroups.map((group) => ({ TargetGroupArn: group.arn, Weight: group.weight })),
          TargetGroupStickinessConfig: {
            Enabled: action.stickiness?.enabled ?? false,
            ...(action.stickiness?.durationSeconds === undefined
              ? {}
              : { DurationSeconds: action.stickiness.durationSeconds }),
          },
        },
      };
    }
    case 'redirect':
      return {
        Type: 'redirect',
        ...order,
        RedirectConfig: {
          Protocol: action.protocol,
          Port: action.port,
          Host: action.host,
          Path: action.path,
          Query: action.query,
          StatusCode: action.status === 301 ? 'HTTP_301' : 'HTTP_302',
        },
      };
    default:
      return {
        Type: 'fixed-response',
        ...order,
        FixedResponseConfig: {
          ...(action.body === undefined ? {} : { MessageBody: action.body }),
          StatusCode: String(action.status),
          ...(action.contentType === undefined ? {} : { ContentType: action.contentType }),
        },
      };
  }
}
