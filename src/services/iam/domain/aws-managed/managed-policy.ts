import { createHash } from 'node:crypto';

/** A policy that AWS keeps for every account: nobody changes it here, and every account may attach it. */
export interface AwsManagedPolicy {
  readonly name: string;
  /** `/`, `/service-role/`, `/aws-service-role/` (attached only to service-linked roles) or `/job-function/`. */
  readonly path: string;
  /** `arn:aws:iam::aws:policy` with path and name. */
  readonly arn: string;
  /** `ANPA...`: the same on every server. */
  readonly id: string;
  readonly description: string;
  /** When AWS published it, and when the version that is told here. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** AWS's number of that version, e.g. `v3`. */
  readonly versionId: string;
  /** The document's text. */
  readonly document: string;
}

export interface ManagedPolicyFacts {
  readonly name: string;
  /** `/` if left out. */
  readonly path?: '/service-role/' | '/aws-service-role/' | '/job-function/';
  readonly description: string;
  /** ISO 8601, UTC, without the `Z`. */
  readonly created: string;
  /** As `created`, if left out. */
  readonly updated?: string;
  /** `v1` if left out. */
  readonly version?: string;
  readonly statements: readonly Statement[];
}

/** As in the document. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action?: string | readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Condition;
}

/** Operator -> key -> values. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** By service prefix, the names of actions with blanks between them: `{ ecr: 'PutImage BatchGet*' }`. */
export type Actions = Readonly<Record<string, string>>;

/**
 * A statement that allows.
 * @param limits `on` what it allows them (everything if left out), and `when`
 */
export function allow(
  sid: string,
  actions: Actions,
  limits: { readonly on?: string | readonly string[]; readonly when?: Condition } = {},
): Statement {
  const names = actionNames(actions);
  const { on = '*', when } = limits;
  const [only] = names;
  const action = names.length === 1 && only !== undefined ? only : names;
  return { Sid: sid, Effect: 'Allow', Action: action, Resource: on, ...(when && { Condition: when }) };
}

/** `['ecr:PutImage', 'ecr:BatchGet*']` */
export function actionNames(actions: Actions): string[] {
  return Object.entries(actions).flatMap(([service, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map((name) => `${service}:${name}`),
  );
}

/** Lets a role be handed to these services. */
export function passRoleTo(
  sid: string,
  services: string | readonly string[],
  roles: string | readonly string[] = '*',
): Statement {
  return allow(sid, { iam: 'PassRole' }, { on: roles, when: { StringLike: { 'iam:PassedToService': services } } });
}

/** Lets the service-linked roles of these services be made. */
export function createLinkedRole(
  sid: string,
  services: string | readonly string[],
  roles: string | readonly string[] = '*',
): Statement {
  const when = { StringEquals: { 'iam:AWSServiceName': services } };
  return allow(sid, { iam: 'CreateServiceLinkedRole' }, { on: roles, when });
}

export function awsManaged(facts: ManagedPolicyFacts): AwsManagedPolicy {
  const { name, path = '/', description, created, updated = created, version = 'v1', statements } = facts;
  let text: string | undefined;
  return {
    name,
    path,
    arn: `arn:aws:iam::aws:policy${path}${name}`,
    id: managedPolicyId(name),
    description,
    createdAtMs: Date.parse(`${created}Z`),
    updatedAtMs: Date.parse(`${updated}Z`),
    versionId: version,
    // Made when it is asked for: most of them nobody attaches.
    get document() {
      text ??= JSON.stringify({ Version: '2012-10-17', Statement: statements }, undefined, 4);
      return text;
    },
  };
}

/** AWS's own ids are AWS's; ours are made of the name, so that every server and every start has the same. */
function managedPolicyId(name: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bytes = createHash('sha256').update(`arn:aws:iam::aws:policy ${name}`).digest();
  return `ANPA${Array.from(bytes.subarray(0, 17), (byte) => letters[byte % 32]).join('')}`;
}
