import type { OperationContract, ServiceContract } from './contracts.ts';
import { parsePairs } from './form.ts';
import { percentDecode } from './percent.ts';
import { header, splitTarget, type RawRequest } from './raw-request.ts';

interface Segment {
  readonly kind: 'literal' | 'label' | 'greedy';
  readonly text: string;
}

export interface Route {
  readonly operation: OperationContract;
  readonly method: string;
  readonly segments: readonly Segment[];
  /** Query keys (with a value, where the model gives one) that the route's own path demands. */
  readonly queryLiterals: readonly (readonly [name: string, value: string])[];
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
}

export interface RouteMatch {
  readonly operation: OperationContract;
  readonly labels: ReadonlyMap<string, string>;
}

const routesOf = new WeakMap<ServiceContract, readonly Route[]>();

/** The operation whose `http` trait fits best; undefined when none does, 'malformed' when a label cannot be decoded. */
export function matchRoute(contract: ServiceContract, request: RawRequest): RouteMatch | 'malformed' | undefined {
  const { path, query } = splitTarget(request.rawUrl);
  const segments = splitPath(path);
  const names = new Map(parsePairs(query) ?? []);
  let incomplete: RouteMatch | undefined;
  for (const route of routes(contract)) {
    if (route.method !== request.method || !literalsFit(route, names)) continue;
    const labels = matchSegments(route.segments, segments);
    if (labels === 'malformed') return labels;
    if (!labels) continue;
    const match = { operation: route.operation, labels };
    if (requiredAreThere(route, names, request)) return match;
    incomplete ??= match;
  }
  // Validation names what is missing better than a 404 would.
  return incomplete;
}

/**
 * The first of `sorted` whose method, query and headers fit. One that lacks only a required member is answered where
 * nothing else fits and its own query key was given, so that validation can name what is missing.
 */
export function matchQuery(sorted: readonly Route[], request: RawRequest): Route | undefined {
  const names = new Map(parsePairs(splitTarget(request.rawUrl).query) ?? []);
  const fitting = sorted.filter((route) => route.method === request.method && literalsFit(route, names));
  return (
    fitting.find((route) => requiredAreThere(route, names, request)) ??
    fitting.find((route) => route.queryLiterals.length > 0)
  );
}

/** Literal path segments beat labels, then literal query keys, then required query and header members. */
function routes(contract: ServiceContract): readonly Route[] {
  const known = routesOf.get(contract);
  if (known) return known;
  const made = [...contract.operations.values()]
    .flatMap(toRoute)
    .toSorted(
      (a, b) =>
        literals(b) - literals(a) ||
        b.queryLiterals.length - a.queryLiterals.length ||
        b.requiredQuery.length + b.requiredHeaders.length - a.requiredQuery.length - a.requiredHeaders.length,
    );
  routesOf.set(contract, made);
  return made;
}

/** The route of an operation's `http` trait; none where it has no such trait. */
export function toRoute(operation: OperationContract): readonly Route[] {
  const { http, input } = operation;
  if (!http) return [];
  const { path, query } = splitTarget(http.path);
  const required = (input?.members ?? []).filter((member) => member.required);
  return [
    {
      operation,
      method: http.method,
      segments: splitPath(path).map(toSegment),
      // `x-id` only tells the SDK's own operations apart; clients need not send it.
      queryLiterals: (parsePairs(query) ?? []).filter(([name]) => name !== 'x-id'),
      requiredQuery: required.flatMap((member) => textTrait(member.traits['httpQuery'])),
      requiredHeaders: required.flatMap((member) => textTrait(member.traits['httpHeader'])),
    },
  ];
}

function toSegment(text: string): Segment {
  const label = /^\{(\w+)(\+?)\}$/.exec(text);
  return label?.[1] ? { kind: label[2] ? 'greedy' : 'label', text: label[1] } : { kind: 'literal', text };
}

function textTrait(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : [];
}

function literals(route: Route): number {
  return route.segments.filter((segment) => segment.kind === 'literal').length;
}

/** A trailing slash does not count. */
function splitPath(path: string): readonly string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/');
}

function literalsFit(route: Route, names: ReadonlyMap<string, string>): boolean {
  return route.queryLiterals.every(([name, value]) => names.has(name) && (value === '' || names.get(name) === value));
}

function requiredAreThere(route: Route, names: ReadonlyMap<string, string>, request: RawRequest): boolean {
  return (
    route.requiredQuery.every((name) => names.has(name)) &&
    route.requiredHeaders.every((name) => header(request, name) !== undefined)
  );
}

function matchSegments(
  wanted: readonly Segment[],
  given: readonly string[],
): ReadonlyMap<string, string> | 'malformed' | undefined {
  const labels = new Map<string, string>();
  const greedyExtra = wanted.some((segment) => segment.kind === 'greedy') ? given.length - wanted.length : 0;
  if (greedyExtra < 0 || given.length !== wanted.length + greedyExtra) return undefined;
  let at = 0;
  for (const segment of wanted) {
    const width = segment.kind === 'greedy' ? greedyExtra + 1 : 1;
    const text = given.slice(at, at + width).join('/');
    at += width;
    if (segment.kind === 'literal') {
      if (segment.text !== text) return undefined;
      continue;
    }
    const value = percentDecode(text);
    if (value === undefined) return 'malformed';
    if (value === '') return undefined;
    labels.set(segment.text, value);
  }
  return labels;
}
