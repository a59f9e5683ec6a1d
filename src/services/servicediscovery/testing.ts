import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { openTestService } from '../../api/testing.ts';
import type { FakeCalls, TestService } from '../../api/testing.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { servicediscovery } from './index.ts';

/** As much of Route 53 as Cloud Map asks for. */
export class FakeZones {
  /** By id: who asked for it, and its record sets as `NAME TYPE` with values. */
  readonly zones = new Map<string, { reference: string; name: string; sets: Map<string, ResourceRecordSet> }>();
  /** Every call that changes something. */
  readonly changes: string[] = [];
  /** What the next call is refused with. */
  refusal: Error | undefined;
  /** The key of a record set that is not taken, nor the batch it is in. */
  refuses: string | undefined;

  calls(): FakeCalls {
    return {
      'route53:CreateHostedZone': (input) => this.#create(input),
      'route53:ListHostedZonesByName': () => ({
        HostedZones: [...this.zones].map(([Id, zone]) => ({
          Id: `/hostedzone/${Id}`,
          CallerReference: zone.reference,
        })),
      }),
      'route53:ListResourceRecordSets': ({ HostedZoneId }) => ({
        ResourceRecordSets: [...this.#zone(HostedZoneId).sets.values()],
        IsTruncated: false,
      }),
      'route53:ChangeResourceRecordSets': (input) => this.#change(input.HostedZoneId, input.ChangeBatch.Changes),
      'route53:DeleteHostedZone': ({ Id }) => {
        this.changes.push(`delete ${Id}`);
        this.zones.delete(Id);
        return {};
      },
    };
  }

  /** `name TYPE set: value`, but for what every zone has. */
  records(id: string): readonly string[] {
    return [...this.#zone(id).sets.values()]
      .filter(({ Type }) => Type !== 'NS' && Type !== 'SOA')
      .map((set) => `${keyOf(set)}: ${(set.ResourceRecords ?? []).map(({ Value }) => Value).join(', ')}`)
      .toSorted();
  }

  #create(input: { Name: string; CallerReference: string }): object {
    this.#refuse();
    if ([...this.zones.values()].some((zone) => zone.reference === input.CallerReference)) {
      throw new ServiceError('HostedZoneAlreadyExists', 'A hosted zone has already been created.', { httpStatus: 409 });
    }
    const id = `Z${this.zones.size + 1}`;
    const name = `${input.Name}.`;
    const soa: ResourceRecordSet = {
      Name: name,
      Type: 'SOA',
      TTL: 900,
      ResourceRecords: [{ Value: 'ns. hostmaster. 1 7200 900 1209600 86400' }],
    };
    const ns: ResourceRecordSet = { Name: name, Type: 'NS', TTL: 172_800, ResourceRecords: [{ Value: 'ns.' }] };
    const sets = new Map([soa, ns].map((set) => [keyOf(set), set]));
    this.zones.set(id, { reference: input.CallerReference, name, sets });
    this.changes.push(`create ${name}`);
    return { HostedZone: { Id: `/hostedzone/${id}` } };
  }

  #change(id: string, changes: readonly Change[]): object {
    this.#refuse();
    const { sets } = this.#zone(id);
    if (changes.some(({ ResourceRecordSet: set }) => set && keyOf(set) === this.refuses)) {
      throw new ServiceError('InvalidChangeBatch', `[${this.refuses} is not taken]`);
    }
    for (const { Action, ResourceRecordSet: set } of changes) {
      if (!set) continue;
      this.changes.push(`${Action} ${keyOf(set)}`);
      if (Action === 'DELETE') sets.delete(keyOf(set));
      else sets.set(keyOf(set), set);
    }
    return {};
  }

  #refuse(): void {
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal) throw refusal;
  }

  #zone(id: string) {
    const zone = this.zones.get(id);
    if (!zone) throw new ServiceError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, { httpStatus: 404 });
    return zone;
  }
}

const keyOf = (set: ResourceRecordSet) =>
  `${set.Name} ${set.Type}${set.SetIdentifier === undefined ? '' : ` ${set.SetIdentifier}`}`;

export interface TestCloudMap extends TestService<'servicediscovery'> {
  readonly zones: FakeZones;
  /** Calls, reconciles, and answers what came of the operation. */
  done(
    called: Promise<{ OperationId?: string | undefined }>,
  ): Promise<{ status: string; target: string; error: string }>;
  /** A private namespace, whole; answers its id. */
  privateNamespace(name?: string): Promise<string>;
}

export function openTestCloudMap(): TestCloudMap {
  const zones = new FakeZones();
  const service = openTestService('servicediscovery', servicediscovery, {}, { calls: zones.calls() });
  const done: TestCloudMap['done'] = async (called) => {
    const { OperationId = '' } = await called;
    await service.reconcile();
    const { Operation } = await service.call('GetOperation', { OperationId });
    const [target = ''] = Object.values(Operation?.Targets ?? {});
    return { status: Operation?.Status ?? '', target, error: Operation?.ErrorCode ?? '' };
  };
  return {
    ...service,
    zones,
    done,
    async privateNamespace(name = 'internal') {
      return (await done(service.call('CreatePrivateDnsNamespace', { Name: name, Vpc: 'vpc-1' }))).target;
    },
  };
}
