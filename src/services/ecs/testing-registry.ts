import { ServiceError } from '../../kernel/errors.ts';

interface FakeInstance {
  readonly ServiceId: string;
  readonly InstanceId: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

interface Registration extends FakeInstance {
  readonly CreatorRequestId: string;
}

/** Cloud Map as far as ECS asks for it: a namespace, and services with custom health. */
export class FakeRegistry {
  static readonly ARN = 'arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1';
  static readonly NAMESPACE = { Arn: 'arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-1', Name: 'shop' };
  /** What ECS has made for Service Connect, by name. */
  readonly made = new Map<string, { readonly Arn: string; readonly token: string }>();
  #count = 0;
  recordType: 'A' | 'SRV' = 'A';
  /** The service is gone. */
  isGone = false;
  readonly instances = new Map<string, Readonly<Record<string, string>>>();
  readonly health = new Map<string, string>();
  /** By instance: of the call that registered it. */
  readonly #tokens = new Map<string, string>();

  get(id: string): object {
    this.#refuse(id);
    const DnsConfig = { DnsRecords: [{ Type: this.recordType, TTL: 10 }] };
    return { Service: { Arn: id, DnsConfig, HealthCheckCustomConfig: { FailureThreshold: 1 } } };
  }

  namespace(id: string): object {
    if (id !== FakeRegistry.NAMESPACE.Arn) throw new ServiceError('NamespaceNotFound', 'No such namespace.');
    return { Namespace: FakeRegistry.NAMESPACE };
  }

  namespaces(name: string): object {
    return { Namespaces: name === FakeRegistry.NAMESPACE.Name ? [FakeRegistry.NAMESPACE] : [] };
  }

  create({ Name, CreatorRequestId: token }: { readonly Name: string; readonly CreatorRequestId: string }): object {
    const known = this.made.get(Name);
    if (known && known.token !== token) throw new ServiceError('ServiceAlreadyExists', 'The name is taken.');
    const made = known ?? { Arn: FakeRegistry.ARN.replace('srv-1', `srv-${Name}-${++this.#count}`), token };
    this.made.set(Name, made);
    return { Service: { Arn: made.Arn } };
  }

  delete(id: string): object {
    this.#refuse(id);
    if (this.instances.size > 0) throw new ServiceError('ResourceInUse', 'It has instances.');
    for (const [name, { Arn }] of this.made) if (Arn === id) this.made.delete(name);
    return {};
  }

  register({ ServiceId, InstanceId, CreatorRequestId, Attributes }: Registration): object {
    this.#refuse(ServiceId);
    // The same call as before changes nothing.
    if (this.instances.has(InstanceId) && this.#tokens.get(InstanceId) === CreatorRequestId) {
      return { OperationId: 'o-1' };
    }
    this.#tokens.set(InstanceId, CreatorRequestId);
    this.instances.set(InstanceId, Attributes);
    this.health.set(InstanceId, Attributes['AWS_INIT_HEALTH_STATUS'] ?? '');
    return { OperationId: 'o-1' };
  }

  deregister({ ServiceId, InstanceId }: FakeInstance): object {
    this.#refuse(ServiceId);
    if (!this.instances.delete(InstanceId)) throw new ServiceError('InstanceNotFound', 'No such instance.');
    return { OperationId: 'o-2' };
  }

  tell({ ServiceId, InstanceId, Status }: FakeInstance & { readonly Status: string }): object {
    this.#refuse(ServiceId);
    if (!this.instances.has(InstanceId)) throw new ServiceError('InstanceNotFound', 'No such instance.');
    this.health.set(InstanceId, Status);
    return {};
  }

  #refuse(id: string): void {
    const isMade = [...this.made.values()].some(({ Arn }) => Arn === id);
    if (this.isGone || (id !== FakeRegistry.ARN && !isMade))
      throw new ServiceError('ServiceNotFound', 'No such service.');
  }
}
