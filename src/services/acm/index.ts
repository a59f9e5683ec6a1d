import type { Service } from '../../api/service.ts';
import type { AcmPorts } from './operation.ts';
import * as certificateOperations from './operations/certificates.ts';
import { ExportCertificate } from './operations/export-certificate.ts';
import { ImportCertificate } from './operations/import-certificate.ts';
import { ListCertificates } from './operations/list-certificates.ts';
import * as optionOperations from './operations/options.ts';
import { RequestCertificate } from './operations/request-certificate.ts';
import * as tagOperations from './operations/tags.ts';
import { certificateReconciler } from './reconcilers/certificate.ts';
import { accountConfigurations, acmeAccounts, certificates } from './tables.ts';

export type { AcmPorts } from './operation.ts';
export { acmeAccountKeys } from './acme-account-keys.ts';
export { certificateBundle } from './certificate-bundle.ts';

/** AWS Certificate Manager over the built-in authority. */
export const acm: Service<AcmPorts> = {
  name: 'acm',
  principal: 'acm.amazonaws.com',
  operations: {
    ...certificateOperations,
    ...optionOperations,
    ...tagOperations,
    ExportCertificate,
    ImportCertificate,
    ListCertificates,
    RequestCertificate,
  },
  tables: [certificates, acmeAccounts, accountConfigurations],
  resourceTags: async (tx, arn) => (await tx.get(certificates, arn))?.tags,
  reconcilers: (env) => [certificateReconciler(env)],
};
