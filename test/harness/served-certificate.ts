import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import type { Site } from './site.ts';

/** The serial number of the certificate that a new connection to a site gets. */
export async function servedSerial(site: Site): Promise<string> {
  const { port, hostname, ca = '' } = await site.request();
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: hostname, ca }, () => {
      resolve(new X509Certificate(socket.getPeerCertificate().raw).serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
