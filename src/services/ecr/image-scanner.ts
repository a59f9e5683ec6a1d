import { servicePrincipal } from '../../api/invoke.ts';
import type { Principal } from '../../identity/principal.ts';
import type { ScanFinding } from './tables.ts';

const SERVICE = 'ecr.amazonaws.com';

/** What looks for the vulnerabilities of an image. Implementation: src/server/trivy-scanner.ts. */
export interface ImageScanner {
  /**
   * @throws ScanFailed with what the caller of DescribeImageScanFindings should read. Any other error leaves the scan in
   *   progress, and it is run again.
   */
  scan(image: ImageToScan): Promise<ScanReport>;
}

export interface ImageToScan {
  /** `host:port/name@digest`, in this server's registry. */
  readonly reference: string;
  readonly username: string;
  readonly password: string;
}

export interface ScanReport {
  readonly findings: readonly ScanFinding[];
  /** When the vulnerability database was last updated, in ms. */
  readonly sourceUpdatedAtMs?: number;
  /** What the reader of the findings must know besides; one sentence. */
  readonly warning?: string;
}

/** The scan has ended without a result; the message is the scan's description. */
export class ScanFailed extends Error {}

/** As whom images are pulled to be scanned. */
export function scannerPrincipal(account: string): Principal {
  return servicePrincipal(SERVICE, account);
}

/** ECR scans whatever policies say, and its pulls are not an image's last pull. */
export function isImageScanner({ kind, userId }: Principal): boolean {
  return kind === 'service' && userId === SERVICE;
}
