import type { Input, OperationName, Output, ServiceName } from '../api/clients.ts';
import type { Call, Principal } from '../api/context.ts';
import { createContext } from '../api/invoke.ts';
import type { AuditSink } from '../api/audit.ts';
import type { AnyOperation } from '../api/operation.ts';
import type { CallAs, Service } from '../api/service.ts';
import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import { Conflict, ServiceError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Store } from '../store/store.ts';
import { auditRecord, wordsOf } from './audit.ts';
import type { Authorizer } from './authorizer.ts';
import type { CallFacts } from './call-facts.ts';

const ATTEMPTS_ON_CONFLICT = 5;

export interface DispatcherOptions {
  readonly services: readonly ServiceEntry[];
  readonly authorizer: Authorizer;
  /** In whose name a service calls another. */
  readonly identityOf: IdentityOf;
  readonly audit: AuditSink;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly endpoint: string;
}

export interface ServiceEntry {
  readonly service: Service<any>;
  readonly ports: unknown;
}

/** @throws ServiceError AccessDeniedException for a role that the service may not assume */
export type IdentityOf = (service: ServiceName, scope: Scope, as: CallAs | undefined) => Promise<Principal>;

/** One call of one operation, by whomever. */
export interface Invocation extends Scope {
  readonly principal: Principal;
  readonly requestId: string;
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: object;
  readonly facts: CallFacts;
}

/**
 * authorize -> handle: the way of every call, from outside and from service to service. There is no other door, so what
 * IAM forbids is forbidden to all.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #services: ReadonlyMap<string, ServiceEntry>;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#services = new Map(options.services.map((entry) => [entry.service.name, entry]));
  }

  /** The operation, if it is built. */
  find(service: ServiceName, operation: string): AnyOperation | undefined {
    const operations = this.#services.get(service)?.service.operations ?? {};
    return Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  }

  /**
   * Answers the ARNs that the call touches.
   * @throws ServiceError AccessDeniedException
   */
  authorize(call: Invocation): Promise<readonly string[]> {
    return this.#options.authorizer.authorize({
      ...call,
      operation: this.#require(call),
      now: this.#options.clock.now(),
    });
  }

  /** Handles an authorized call. A row that moved meanwhile (`Conflict`) makes it run again from the start. */
  async handle(call: Invocation): Promise<object> {
    const operation = this.#require(call);
    for (let attempt = 1; ; attempt++) {
      try {
        return await operation.handle(this.#context(call), call.input);
      } catch (error) {
        if (!(error instanceof Conflict) || attempt >= ATTEMPTS_ON_CONFLICT) throw error;
      }
    }
  }

  /** How `service` calls others, in a scope: under its service-linked role, or as `as` says. */
  callAs(service: ServiceName, scope: Scope, as?: CallAs, requestId?: string): Call {
    const { ids, identityOf } = this.#options;
    const caller = this.#services.get(service)?.service.principal ?? service;
    return async <S extends ServiceName, O extends OperationName<S>>(name: S, operation: O, input: Input<S, O>) => {
      const call: Invocation = {
        account: scope.account,
        region: scope.region,
        principal: await identityOf(service, scope, as),
        requestId: requestId ?? ids.uuid(),
        service: name,
        operation,
        input: input ?? {},
        facts: {
          sourceIp: caller,
          userAgent: caller,
          secure: true,
          ...(as?.sourceArn !== undefined && { sourceArn: as.sourceArn }),
        },
      };
      return (await this.#audited(call)) as Output<S, O>;
    };
  }

  /** How a service goes on in the name of who called it. */
  #callOn(call: Invocation): Call {
    const invokedBy = this.#services.get(call.service)?.service.principal ?? call.service;
    const principal: Principal = { ...call.principal, invokedBy };
    return async <S extends ServiceName, O extends OperationName<S>>(service: S, operation: O, input: Input<S, O>) =>
      (await this.#audited({ ...call, principal, service, operation, input: input ?? {} })) as Output<S, O>;
  }

  /** Reads between services would drown the trail of what was changed, so they are not recorded. */
  async #audited(call: Invocation): Promise<object> {
    const { audit, clock } = this.#options;
    const { readOnly, dataEvent } = this.#require(call);
    const record = !readOnly && !dataEvent;
    const at = clock.now();
    let resources: readonly string[] = [];
    try {
      resources = await this.authorize(call);
      const output = await this.handle(call);
      if (record) audit.record(auditRecord({ ...call, at, readOnly: false, resources, output }));
      return output;
    } catch (error) {
      if (record) audit.record(auditRecord({ ...call, at, readOnly: false, resources, error: wordsOf(error) }));
      throw error;
    }
  }

  #require(call: Pick<Invocation, 'service' | 'operation'>): AnyOperation {
    const operation = this.find(call.service, call.operation);
    if (!operation) throw notSupported(call.service, call.operation);
    return operation;
  }

  #context(call: Invocation) {
    const { store, clock, ids, log, endpoint } = this.#options;
    return createContext({
      account: call.account,
      region: call.region,
      principal: call.principal,
      requestId: call.requestId,
      sourceIp: call.facts.sourceIp,
      now: clock.now(),
      ids,
      log: log.with({ requestId: call.requestId, service: call.service, operation: call.operation }),
      ports: this.#services.get(call.service)?.ports,
      endpoint,
      store,
      call: this.callAs(call.service, call, undefined, call.requestId),
      callAsCaller: this.#callOn(call),
    });
  }
}

/** An operation of AWS that is not built here: said plainly, never answered with a made-up success. */
export function notSupported(service: string, operation: string): ServiceError {
  return new ServiceError('NotSupported', `Longshore does not support ${service}:${operation} yet.`, {
    httpStatus: 501,
  });
}
