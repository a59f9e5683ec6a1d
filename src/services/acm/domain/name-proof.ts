import type { Call } from '../../../api/context.ts';
import type { DomainValidation } from '../tables.ts';
import { isLocalName } from './domain-names.ts';

/**
 * Looks whether each name is proven: names of this machine at once, others by their CNAME in a hosted zone of the
 * account. Answers the validations with the status they have now.
 */
export async function proveNames(
  call: Call,
  validations: readonly DomainValidation[],
): Promise<readonly DomainValidation[]> {
  const open = validations.some((validation) => !isLocalName(validation.domainName));
  const zones = open ? await hostedZonesOf(call) : [];
  return Promise.all(
    validations.map(async (validation) => {
      const proven = isLocalName(validation.domainName) || (await hasRecord(call, zones, validation));
      return { ...validation, status: proven ? ('SUCCESS' as const) : ('PENDING_VALIDATION' as const) };
    }),
  );
}

export interface Zone {
  readonly id: string;
  /** With a final dot. */
  readonly name: string;
  readonly isPrivate: boolean;
}

/** The hosted zones of the account, private ones too: their names are for the built-in authority to certify. */
export async function hostedZonesOf(call: Call): Promise<readonly Zone[]> {
  const zones: Zone[] = [];
  let marker: string | undefined;
  do {
    const page = await call('route53', 'ListHostedZones', marker === undefined ? {} : { Marker: marker });
    for (const zone of page.HostedZones ?? []) {
      const isPrivate = zone.Config?.PrivateZone ?? false;
      if (zone.Id && zone.Name) zones.push({ id: zone.Id, name: zone.Name, isPrivate });
    }
    marker = page.IsTruncated ? page.NextMarker : undefined;
  } while (marker);
  return zones;
}

async function hasRecord(call: Call, zones: readonly Zone[], validation: DomainValidation): Promise<boolean> {
  for (const zone of zones.filter((each) => validation.recordName.endsWith(`.${each.name}`))) {
    const page = await call('route53', 'ListResourceRecordSets', {
      HostedZoneId: zone.id,
      StartRecordName: validation.recordName,
      StartRecordType: 'CNAME',
      MaxItems: 1,
    });
    const [found] = page.ResourceRecordSets ?? [];
    const values = (found?.ResourceRecords ?? []).map((record) => bare(record.Value ?? ''));
    const isIt = found?.Type === 'CNAME' && bare(found.Name ?? '') === bare(validation.recordName);
    if (isIt && values.includes(bare(validation.recordValue))) return true;
  }
  return false;
}

function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
