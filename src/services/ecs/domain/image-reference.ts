/** Where a container's image comes from, and the name under which the engine pulls it. */
export interface PullSource {
  readonly reference: string;
  readonly from: 'ecr' | 'public';
  /** The registry's own scope, when the image's host names it. */
  readonly account?: string;
  readonly region?: string;
}

const ECR_HOST = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/**
 * An ECR host name means this server's registry, so that task definitions made for AWS run unchanged; and a name without
 * a registry means Docker Hub, as everywhere.
 */
export function resolveImage(image: string, registryHost: string): PullSource {
  const slash = image.indexOf('/');
  const host = slash < 0 ? '' : image.slice(0, slash);
  const ecr = ECR_HOST.exec(host);
  if (ecr?.[1] && ecr[2]) {
    return { reference: `${registryHost}${image.slice(slash)}`, from: 'ecr', account: ecr[1], region: ecr[2] };
  }
  return { reference: image, from: host === registryHost ? 'ecr' : 'public' };
}

/** The same image by the digest that its deployment has pinned; one that is named by digest stays as it is. */
export function pinnedReference(reference: string, digest: string | undefined): string {
  if (digest === undefined || reference.includes('@')) return reference;
  return `${reference.replace(/:[^:/]+$/, '')}@${digest}`;
}
