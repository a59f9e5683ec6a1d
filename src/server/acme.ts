import { readFileSync } from 'node:fs';
import { SealedBox } from '../kernel/sealed-box.ts';
import type { AcmeIssuer } from '../pki/acme.ts';
import { openAcmeIssuer } from '../pki/acme/open-issuer.ts';
import { acmeAccountKeys } from '../services/acm/index.ts';
import type { Environment } from './environment.ts';
import type { HostPlane } from './host-plane.ts';
import type { Storage } from './storage.ts';

/** The public authority that the configuration names, if it names one; challenges are answered through the edge. */
export function acmeIssuerOf(env: Environment, storage: Storage, host: HostPlane): AcmeIssuer | undefined {
  const { config, home, ids, clock } = env;
  const { acmeDirectory: directoryUrl, acmeEmail, acmeCa } = config;
  if (directoryUrl === undefined || !host.challenges) return undefined;
  return openAcmeIssuer({
    directoryUrl,
    ...(acmeEmail === undefined ? {} : { email: acmeEmail }),
    ...(acmeCa === undefined ? {} : { caPem: readFileSync(acmeCa, 'utf8') }),
    keys: acmeAccountKeys(storage.store, new SealedBox(home.masterKey, 'acm-acme-accounts', ids), directoryUrl),
    answers: host.challenges,
    clock,
  });
}
