import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ClientIdentity {
  readonly cert: string;
  readonly key: string;
}

/** PEM of an authority, of clients of it, and of a list that revokes the second. */
export interface TestAuthority {
  readonly authority: string;
  readonly good: ClientIdentity;
  readonly revoked: ClientIdentity;
  readonly expired: ClientIdentity;
  readonly list: string;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const CONFIG = `[ca]
default_ca = own
[own]
database = index.txt
crlnumber = crlnumber
default_md = sha256
default_crl_days = 2
`;

/** An authority of clients, made by openssl. */
export function testAuthority(): TestAuthority {
  const folder = mkdtempSync('/tmp/lst-ca-');
  const run = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  const text = (name: string) => readFileSync(join(folder, name), 'utf8');
  try {
    writeFileSync(join(folder, 'ca.cnf'), CONFIG);
    writeFileSync(join(folder, 'index.txt'), '');
    writeFileSync(join(folder, 'crlnumber'), '01\n');
    const usage = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    run(
      'req',
      '-x509',
      ...EC,
      '-days',
      '9',
      '-subj',
      '/C=US/O=Pki/CN=root',
      ...usage,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
    const client = (name: string, serial: string, days: string): ClientIdentity => {
      run('req', ...EC, '-subj', `/C=US/O=Shop/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
      const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', serial, '-days', days];
      run('x509', '-req', '-in', `${name}.csr`, ...sign, '-out', `${name}.pem`);
      return { cert: text(`${name}.pem`), key: text(`${name}.key`) };
    };
    const [good, revoked, expired] = [
      client('good', '0x3A5B1', '2'),
      client('revoked', '0x3A5B2', '2'),
      client('expired', '0x3A5B3', '-1'),
    ];
    const own = ['-config', 'ca.cnf', '-keyfile', 'ca.key', '-cert', 'ca.pem'];
    run('ca', ...own, '-revoke', 'revoked.pem');
    run('ca', ...own, '-gencrl', '-out', 'list.pem');
    return { authority: text('ca.pem'), good, revoked, expired, list: text('list.pem') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
