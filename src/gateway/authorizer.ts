import type { ServiceName } from '../api/clients.ts';
import type { Principal } from '../api/context.ts';
import { CALLER } from '../api/operation.ts';
import type { AnyOperation, Permission } from '../api/operation.ts';
import type { Service } from '../api/service.ts';
import type { Attached, Directory, PolicySource } from '../identity/directory.ts';
import { parseArn } from '../kernel/arn.ts';
import { ServiceError } from '../kernel/errors.ts';
import type { SealedBox } from '../kernel/sealed-box.ts';
import type { Tags } from '../kernel/tags.ts';
import { compilePolicy } from '../policy/compile.ts';
import { decide } from '../policy/evaluate.ts';
import { explainDecision, refusal } from '../policy/explain.ts';
import type { AppliedPolicy, AuthorizationRequest, Decision, PolicyPrincipal } from '../policy/model.ts';
import type { ReadTx, Store } from '../store/store.ts';
import type { CallFacts } from './call-facts.ts';
import { requestContext, serviceName } from './request-context.ts';
import { requestTags } from './request-tags.ts';
import { callerRefusal } from '../identity/caller-limits.ts';

export interface AuthorizerOptions {
  readonly services: readonly Service<any>[];
  readonly store: Pick<Store, 'read'>;
  readonly directory: Directory;
  /** Of purpose `authorization-messages`: what EC2 answers encoded, and DecodeAuthorizationMessage opens. */
  readonly messages: SealedBox;
}

/** Who wants what, where and how: a call of an operation, or a registry client's request. */
export interface AccessRequest {
  readonly principal: Principal;
  /** The account and region that the call is made in. */
  readonly account: string;
  readonly region: string;
  readonly facts: CallFacts;
  /** ms since the epoch */
  readonly now: number;
}

/** A call of an operation. */
export interface OperationRequest extends AccessRequest {
  readonly service: ServiceName;
  readonly operation: AnyOperation;
  readonly input: object;
}

interface AttachedPolicies {
  readonly identity: readonly AppliedPolicy[];
  readonly boundary?: AppliedPolicy;
  readonly session?: readonly AppliedPolicy[];
  readonly tags: Tags;
  /** Some policy asks for a tag of the resource. */
  readonly asksForTags: boolean;
}

/** What every decision about one call is made of. */
interface Known {
  readonly attached: AttachedPolicies;
  readonly tx: ReadTx;
}

const NOTHING: Attached = { identity: [], tags: {} };

/** What needs no permission, whoever asks with valid credentials. */
const FREE: ReadonlySet<string> = new Set(['sts:GetCallerIdentity', 'sts:GetSessionToken']);
/** Decided in the handler, which alone can read the identity token. */
const DECIDED_LATER: ReadonlySet<string> = new Set(['sts:AssumeRoleWithWebIdentity']);
/** The actions that a role's trust policy is about. */
const TRUST = /^sts:(?:AssumeRole|TagSession|SetSourceIdentity)/;

/** IAM's prefix of a service's actions, where it is not our name for the service. */
const ACTION_PREFIX: Partial<Record<ServiceName, string>> = { elbv2: 'elasticloadbalancing' };
const SERVICE_OF_PREFIX: ReadonlyMap<string, string> = new Map(
  Object.entries(ACTION_PREFIX).map(([service, prefix]) => [prefix, service]),
);

export function actionOf(service: ServiceName, operation: Pick<AnyOperation, 'name' | 'action'>): string {
  return operation.action ?? `${ACTION_PREFIX[service] ?? service}:${operation.name}`;
}

/**
 * Holds every call against the policies of who makes it and of what it touches, before its handler runs.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #services: ReadonlyMap<string, Service<any>>;
  readonly #compiled = new WeakMap<Attached, AttachedPolicies>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
    this.#services = new Map(options.services.map((service) => [service.name, service]));
  }

  /**
   * Answers the ARNs that the operation touches.
   * @throws ServiceError AccessDeniedException
   */
  async authorize(request: OperationRequest): Promise<readonly string[]> {
    const { operation, input, principal } = request;
    const action = actionOf(request.service, operation);
    const refused = callerRefusal(principal, action);
    if (refused) throw refused;
    const attached = await this.#attachedTo(principal);
    return this.#options.store.read(async (tx) => {
      const scope = { account: request.account, region: request.region };
      const resources = withCaller(await operation.resources(input, scope, tx), principal);
      if (FREE.has(action) || DECIDED_LATER.has(action)) return resources;
      const permissions = await operation.permissions?.(input, scope, tx);
      if (permissions) {
        for (const each of permissions) await this.#require(request, each, { attached, tx });
        return resources;
      }
      const conditions = (await operation.conditions?.(input, scope, tx)) ?? {};
      const also = (await operation.also?.(input, scope, tx, principal)) ?? [];
      const tags = requestTags(input);
      await this.#require(request, { action, resources, conditions: { ...tags, ...conditions } }, { attached, tx });
      for (const each of also) {
        const permission = { ...each, conditions: { ...tags, ...each.conditions } };
        await this.#require(
          request,
          { ...permission, resources: withCaller(each.resources, principal) },
          { attached, tx },
        );
      }
      return resources;
    });
  }

  /**
   * One permission outside of any operation: the registry's, a role that a service assumes.
   * @throws ServiceError AccessDeniedException
   */
  async require(request: AccessRequest, permission: Permission): Promise<void> {
    const attached = await this.#attachedTo(request.principal);
    await this.#options.store.read((tx) => this.#require(request, permission, { attached, tx }));
  }

  /** Asked outside of any transaction: the directory reads in one of its own. */
  async #attachedTo(principal: Principal): Promise<AttachedPolicies> {
    return this.#compile((await this.#options.directory.attached(principal)) ?? NOTHING);
  }

  async #require(request: AccessRequest, permission: Permission, known: Known): Promise<void> {
    // A call that names nothing touches nothing that a policy could name: it needs the action on all.
    const { resources } = permission;
    for (const resource of resources.length > 0 ? resources : ['*']) {
      const asked = await this.#ask(request, permission, resource, known);
      if (asked === undefined) continue;
      const decision = decide(asked);
      if (!decision.allowed) throw this.#denied(asked, decision);
    }
  }

  /** What the evaluator is asked; undefined where a service of this server uses what has no policy of its own. */
  async #ask(
    request: AccessRequest,
    { action, conditions = {} }: Permission,
    resource: string,
    { attached, tx }: Known,
  ): Promise<AuthorizationRequest | undefined> {
    const { principal } = request;
    const resourcePolicy = await this.#policyOn(resource, action, tx);
    if (principal.kind === 'service' && resourcePolicy === 'none') return undefined;
    const onResource = typeof resourcePolicy === 'object' ? resourcePolicy : undefined;
    const wantsTags = attached.asksForTags || (onResource !== undefined && asksForTags(onResource));
    const resourceAccount = (await this.#ownerOf(resource, tx)) ?? request.account;
    return {
      principal: policyPrincipal(principal),
      action,
      resource,
      resourceAccount,
      context: requestContext({
        ...request,
        principalTags: attached.tags,
        conditions,
        resourceAccount,
        resourceTags: wantsTags ? await this.#tagsOf(resource, tx) : undefined,
      }),
      identity: attached.identity,
      ...(attached.boundary && { boundary: attached.boundary }),
      ...(attached.session && { session: attached.session }),
      ...(onResource && { resourcePolicy: onResource }),
    };
  }

  /** `none`: such resources have no policies; undefined: this one has none. */
  async #policyOn(resource: string, action: string, tx: ReadTx): Promise<AppliedPolicy | 'none' | undefined> {
    const service = this.#serviceOf(resource);
    if (!service?.resourcePolicy || (service.name === 'iam' && !TRUST.test(action))) return 'none';
    const text = await service.resourcePolicy(tx, resource);
    return text === undefined ? undefined : { kind: 'resource', id: resource, policy: compilePolicy(text) };
  }

  /** The account in an ARN, or else the one that the service knows; undefined for AWS's own and for everybody's. */
  async #ownerOf(resource: string, tx: ReadTx): Promise<string | undefined> {
    const account = parseArn(resource)?.account;
    if (account !== undefined && /^\d{12}$/.test(account)) return account;
    return this.#serviceOf(resource)?.resourceAccount?.(tx, resource);
  }

  async #tagsOf(resource: string, tx: ReadTx): Promise<Tags | undefined> {
    return this.#serviceOf(resource)?.resourceTags?.(tx, resource);
  }

  #serviceOf(resource: string): Service<any> | undefined {
    const name = parseArn(resource)?.service;
    return name === undefined ? undefined : this.#services.get(SERVICE_OF_PREFIX.get(name) ?? name);
  }

  #compile(attached: Attached): AttachedPolicies {
    const known = this.#compiled.get(attached);
    if (known) return known;
    const identity = attached.identity.map(applied);
    const boundary = attached.boundary && { ...applied(attached.boundary), kind: 'boundary' as const };
    const session = attached.session?.map((source) => ({ ...applied(source), kind: 'session' as const }));
    const compiled: AttachedPolicies = {
      identity,
      ...(boundary && { boundary }),
      ...(session && { session }),
      tags: attached.tags,
      asksForTags: [...identity, ...(boundary ? [boundary] : []), ...(session ?? [])].some(asksForTags),
    };
    this.#compiled.set(attached, compiled);
    return compiled;
  }

  /** EC2 alone adds the whole decision, encoded, where the action is on a resource. */
  #denied(request: AuthorizationRequest, decision: Decision): ServiceError {
    const { action, resource } = request;
    const words = refusal(request, decision);
    if (!action.startsWith('ec2:')) return new ServiceError('AccessDeniedException', words);
    const message = `You are not authorized to perform this operation. ${words}`;
    if (resource === '*') return new ServiceError('AccessDeniedException', message);
    const encoded = this.#options.messages.seal(JSON.stringify(explainDecision(request, decision)));
    return new ServiceError('AccessDeniedException', `${message}. Encoded authorization failure message: ${encoded}`);
  }
}

function applied({ kind, id, attachedTo, document }: PolicySource): AppliedPolicy {
  return { kind, id, ...(attachedTo !== undefined && { attachedTo }), policy: compilePolicy(document) };
}

function asksForTags({ policy }: AppliedPolicy): boolean {
  for (const key of policy.keys) if (key.includes(':resourcetag/')) return true;
  return false;
}

export function policyPrincipal(principal: Principal): PolicyPrincipal {
  const { kind, account, arn, userId, session } = principal;
  const service = serviceName(principal);
  return {
    kind,
    account,
    arn,
    userId,
    ...(kind === 'assumed-role' && session && { roleArn: session.issuer.arn }),
    ...(kind === 'federated-user' && session && { userArn: session.issuer.arn }),
    ...(service !== undefined && { service }),
  };
}

function withCaller(resources: readonly string[], principal: Principal): readonly string[] {
  return resources.map((resource) => (resource === CALLER ? principal.arn : resource));
}
