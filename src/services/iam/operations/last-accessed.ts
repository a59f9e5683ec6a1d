import { ServiceError } from '../../../kernel/errors.ts';
import { servicesKnown } from '../../../policy/facts/facts.ts';
import type { ReadTx } from '../../../store/store.ts';
import { grantedServices } from '../domain/granted-services.ts';
import { invalidInput } from '../errors.ts';
import { lastAccessedJobs, type LastAccessedJobRow } from '../last-accessed-jobs.ts';
import { lastAccessedSubject } from '../last-accessed-subject.ts';
import { entityDetails, serviceLastAccessed } from '../last-accessed-views.ts';
import { operation, type IamContext } from '../operation.ts';
import { pageInOrder } from '../ordered-page.ts';
import { pageOf } from '../pages.ts';
import { checkService } from '../service-namespace.ts';

/** A report can be read for so long; AWS says no time. */
const KEPT_MS = 7 * 86_400_000;

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html */
export const GenerateServiceLastAccessedDetails = operation('GenerateServiceLastAccessedDetails', {
  resources: ({ Arn = '' }) => [Arn],
  handle: async (ctx, { Arn: arn = '', Granularity = 'SERVICE_LEVEL' }) => {
    if (Granularity !== 'SERVICE_LEVEL') throw invalidInput(`Granularity ${Granularity} is not supported.`);
    const { account, now } = ctx;
    const { documents, entities } = await ctx.read((tx) => lastAccessedSubject(tx, { account, arn, now }));
    const services = await grantedServices(documents, await servicesKnown());
    const id = ctx.ids.uuid();
    const job = { id, account, requestedBy: ctx.principal.arn, requestedAtMs: now, services, entities };
    await ctx.write(async (tx) => {
      for (const old of await tx.list(lastAccessedJobs, { where: ['account', account] })) {
        if (old.requestedAtMs < now - KEPT_MS) await tx.delete(lastAccessedJobs, old.id);
      }
      await tx.put(lastAccessedJobs, job);
    });
    return { JobId: id };
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html */
export const GetServiceLastAccessedDetails = operation('GetServiceLastAccessedDetails', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const job = await ctx.read((tx) => requireJob(ctx, tx, input.JobId));
    const { items, page } = pageOf(job.services, (service) => service, input);
    return {
      ...jobMembers(job),
      JobType: 'SERVICE_LEVEL' as const,
      ServicesLastAccessed: await Promise.all(items.map((service) => serviceLastAccessed(job, service))),
      ...page,
    };
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetailsWithEntities.html */
export const GetServiceLastAccessedDetailsWithEntities = operation('GetServiceLastAccessedDetailsWithEntities', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const service = await checkService(input.ServiceNamespace ?? '');
    const job = await ctx.read((tx) => requireJob(ctx, tx, input.JobId));
    const details = job.services.includes(service) ? entityDetails(job, service) : [];
    const { items, page } = pageInOrder(details, input);
    return { ...jobMembers(job), EntityDetailsList: items, ...page };
  },
});

/** Reports are made at once, so a job is complete as soon as it is known. */
function jobMembers({ requestedAtMs }: LastAccessedJobRow) {
  const at = new Date(requestedAtMs);
  return { JobStatus: 'COMPLETED' as const, JobCreationDate: at, JobCompletionDate: at };
}

/** A report is for who asked for it. */
async function requireJob(
  { account, principal }: IamContext,
  tx: ReadTx,
  id: string | undefined,
): Promise<LastAccessedJobRow> {
  const job = await tx.get(lastAccessedJobs, id ?? '');
  if (job?.account === account && job.requestedBy === principal.arn) return job;
  throw new ServiceError('NoSuchEntityException', `The job with id ${id ?? ''} cannot be found.`, { httpStatus: 404 });
}
