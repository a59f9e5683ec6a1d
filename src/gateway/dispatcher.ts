import type { Input, OperationName, Output, ServiceName } from '../api/clients.ts';
import type { Call, Principal } from '../api/context.ts';
import { createContext, servicePrincipal } from '../api/invoke.ts';
import type { AnyOperation } from '../api/operation.ts';
import type { Service } from '../api/service.ts';
import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import { Conflict, ServiceError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { authorize } from '../policy/authorize.ts';
import type { Store } from '../store/store.ts';

const ATTEMPTS_ON_CONFLICT = 5;

export interface DispatcherOptions {
  readonly services: readonly { readonly service: Service<any>; readonly ports: unknown }[];
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly endpoint: string;
}

/** One call of one operation, by whomever. */
export interface Invocation extends Scope {
  readonly principal: Principal;
  readonly requestId: string;
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: object;
}

/**
 * authorize -> handle: the way of every call, from outside and from service to service. There is no other door, so what
 * IAM forbids is forbidden to all.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #services: ReadonlyMap<string, { readonly service: Service<any>; readonly ports: unknown }>;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#services = new Map(options.services.map((entry) => [entry.service.name, entry]));
  }

  /** The operation, if it is built. */
  find(service: ServiceName, operation: string): AnyOperation | undefined {
    const operations = this.#services.get(service)?.service.operations ?? {};
    return Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  }

  /** @throws ServiceError AccessDeniedException */
  authorize(call: Invocation): void {
    const operation = this.#require(call);
    const decision = authorize({
      principal: call.principal,
      action: operation.action ?? `${ACTION_PREFIX[call.service] ?? call.service}:${call.operation}`,
      resources: operation.resources(call.input, call),
      account: call.account,
    });
    if (!decision.allowed) throw new ServiceError('AccessDeniedException', decision.reason);
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

  /** How `service` calls others: in the scope, under its own service principal. */
  callAs(service: ServiceName, scope: Scope, requestId?: string): Call {
    const principalName = this.#services.get(service)?.service.principal ?? service;
    return async <S extends ServiceName, O extends OperationName<S>>(name: S, operation: O, input: Input<S, O>) => {
      const call: Invocation = {
        account: scope.account,
        region: scope.region,
        principal: servicePrincipal(principalName, scope.account),
        requestId: requestId ?? this.#options.ids.uuid(),
        service: name,
        operation,
        input: input ?? {},
      };
      this.authorize(call);
      return (await this.handle(call)) as Output<S, O>;
    };
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
      now: clock.now(),
      ids,
      log: log.with({ requestId: call.requestId, service: call.service, operation: call.operation }),
      ports: this.#services.get(call.service)?.ports,
      endpoint,
      store,
      call: this.callAs(call.service, call, call.requestId),
    });
  }
}

/** IAM's prefix of a service's actions, where it is not our name for the service. */
const ACTION_PREFIX: Partial<Record<ServiceName, string>> = { elbv2: 'elasticloadbalancing' };

/** An operation of AWS that is not built here: said plainly, never answered with a made-up success. */
export function notSupported(service: string, operation: string): ServiceError {
  return new ServiceError('NotSupported', `Longshore does not support ${service}:${operation} yet.`, {
    httpStatus: 501,
  });
}
