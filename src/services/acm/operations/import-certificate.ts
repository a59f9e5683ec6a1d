import { formatArn } from '../../../kernel/arn.ts';
import { weaknessOf } from '../domain/certificate-strength.ts';
import { checkImport, type ImportedCertificate } from '../domain/import-check.ts';
import { invalid } from '../errors.ts';
import { certificateOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { certificates, type CertificateMaterial, type CertificateRow } from '../tables.ts';
import { anyCertificate, tagOnCreate, tagsFrom } from '../tags.ts';

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_ImportCertificate.html; with an ARN it replaces an import. */
export const ImportCertificate = operation('ImportCertificate', {
  resources: (input, scope) => [input.CertificateArn ?? anyCertificate(scope)],
  also: tagOnCreate,
  handle: async (ctx, input) => {
    const chain = input.CertificateChain && textOf(input.CertificateChain);
    const imported = checkImport(
      {
        certificate: textOf(input.Certificate),
        privateKey: textOf(input.PrivateKey),
        ...(chain === undefined ? {} : { chain }),
      },
      ctx.now,
    );
    if ('problem' in imported) throw invalid(imported.problem);
    const content = contentOf(imported, ctx.ports.box.seal(imported.privateKeyPem), ctx.now);
    if (input.CertificateArn === undefined) {
      const row: CertificateRow = {
        account: ctx.account,
        region: ctx.region,
        arn: formatArn('acm', ctx, `certificate/${ctx.ids.uuid()}`),
        ...content,
        createdAtMs: ctx.now,
        tags: tagsFrom(input.Tags),
      };
      return { CertificateArn: (await ctx.write((tx) => tx.put(certificates, row))).arn };
    }
    if (input.Tags?.length) throw invalid('Tagging is not permitted on re-import.');
    return ctx.write(async (tx) => {
      const row = await certificateOf(tx, ctx, input.CertificateArn);
      if (row.type !== 'IMPORTED') throw invalid(`Certificate ${row.arn} was not imported, so it cannot be replaced.`);
      if (row.keyAlgorithm !== content.keyAlgorithm) {
        throw invalid(`The key must have the algorithm of the certificate it replaces: ${row.keyAlgorithm}.`);
      }
      checkReplacement(row.material, content.material);
      return { CertificateArn: (await tx.put(certificates, { ...row, ...content })).arn };
    });
  },
});

/** Load balancers may serve with the one before, and have to go on. */
function checkReplacement(before: CertificateMaterial | undefined, next: CertificateMaterial): void {
  const [was, is] = [before, next].map((it) => it && weaknessOf(it.certificatePem + (it.chainPem ?? '')));
  if (was === undefined && is !== undefined) {
    throw invalid(`The certificate cannot replace one that load balancers can serve with: ${is}.`);
  }
}

function contentOf(imported: ImportedCertificate, sealedPrivateKey: string, now: number) {
  return {
    type: 'IMPORTED' as const,
    domainName: imported.names[0] ?? '',
    subjectAlternativeNames: imported.names,
    keyAlgorithm: imported.keyAlgorithm,
    status: 'ISSUED' as const,
    importedAtMs: now,
    validations: [],
    transparencyLogging: 'DISABLED' as const,
    material: {
      ...imported.facts,
      certificatePem: imported.certificatePem,
      ...(imported.chainPem === undefined ? {} : { chainPem: imported.chainPem }),
      sealedPrivateKey,
    },
  };
}

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
