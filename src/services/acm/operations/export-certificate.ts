import { createPrivateKey } from 'node:crypto';
import { invalid, noSuchCertificate, stillPending } from '../errors.ts';
import { certificateOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { certificates } from '../tables.ts';

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_ExportCertificate.html: 4 to 128 characters, not `#$%`. */
const PASSPHRASE = /^(?![^]*[#$%])[\u0020-\u007e]{4,128}$/;

/** The key comes encrypted under the passphrase (PKCS #8). */
export const ExportCertificate = operation('ExportCertificate', {
  resources: (input) => [input.CertificateArn ?? '*'],
  conditions: async (input, _scope, tx) => {
    const row = await tx.get(certificates, input.CertificateArn ?? '');
    return row ? { 'acm:domainnames': row.subjectAlternativeNames } : {};
  },
  handle: async (ctx, input) => {
    const passphrase = Buffer.from(input.Passphrase ?? []).toString('latin1');
    if (!PASSPHRASE.test(passphrase)) {
      throw invalid('The passphrase must have 4 to 128 ASCII characters, and none of #, $ and %.');
    }
    const row = await ctx.write(async (tx) => {
      const found = await certificateOf(tx, ctx, input.CertificateArn);
      if (found.status === 'PENDING_VALIDATION') throw stillPending(found.arn);
      if (!found.exportable) throw invalid(`Certificate ${found.arn} is not exportable.`);
      return found.exported ? found : tx.put(certificates, { ...found, exported: true });
    });
    const { material } = row;
    const pem = material && ctx.ports.box.open(material.sealedPrivateKey);
    if (!material || pem === undefined) throw noSuchCertificate(row.arn);
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
    return {
      Certificate: material.certificatePem,
      CertificateChain: material.chainPem ?? '',
      PrivateKey: createPrivateKey(pem).export(cipher).toString(),
    };
  },
});
