import type { EntityDetails, ServiceLastAccessed } from '@aws-sdk/client-iam';
import { serviceName } from '../../policy/facts/facts.ts';
import type { LastAccessedEntity, LastAccessedJobRow } from './last-accessed-jobs.ts';

/** One service of a report: who used it last, and how many did. */
export async function serviceLastAccessed(job: LastAccessedJobRow, service: string): Promise<ServiceLastAccessed> {
  const [last, ...others] = usersOf(job, service);
  const use = last?.uses[service];
  return {
    ServiceName: (await serviceName(service)) ?? service,
    ServiceNamespace: service,
    ...(last &&
      use && {
        LastAuthenticated: new Date(use.atMs),
        LastAuthenticatedEntity: last.arn,
        LastAuthenticatedRegion: use.region,
      }),
    TotalAuthenticatedEntities: last ? others.length + 1 : 0,
  };
}

/** Who could have used a service, the latest first, and then those who did not. */
export function entityDetails(job: LastAccessedJobRow, service: string): EntityDetails[] {
  const users = usersOf(job, service);
  const rest = job.entities.filter((entity) => !users.includes(entity));
  return [...users, ...rest].map(({ arn, name, type, id, path, uses }) => {
    const use = uses[service];
    return {
      EntityInfo: { Arn: arn, Name: name, Type: type, Id: id, Path: path },
      ...(use && { LastAuthenticated: new Date(use.atMs) }),
    };
  });
}

/** Who used a service, the latest first. */
function usersOf({ entities }: LastAccessedJobRow, service: string): LastAccessedEntity[] {
  const at = ({ uses }: LastAccessedEntity): number => uses[service]?.atMs ?? 0;
  return entities.filter(({ uses }) => uses[service]).toSorted((a, b) => at(b) - at(a));
}
