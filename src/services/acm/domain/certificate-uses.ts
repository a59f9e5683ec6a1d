import type { Call } from '../../../api/context.ts';

/** Which load balancers use which certificate: ARN of the certificate -> ARNs of load balancers. */
export async function certificateUses(call: Call): Promise<ReadonlyMap<string, readonly string[]>> {
  const uses = new Map<string, Set<string>>();
  for (const loadBalancerArn of await loadBalancerArns(call)) {
    for (const certificateArn of await certificatesOf(call, loadBalancerArn)) {
      uses.set(certificateArn, (uses.get(certificateArn) ?? new Set()).add(loadBalancerArn));
    }
  }
  return new Map([...uses].map(([certificateArn, arns]) => [certificateArn, [...arns].toSorted()]));
}

async function loadBalancerArns(call: Call): Promise<readonly string[]> {
  const arns: string[] = [];
  let marker: string | undefined;
  do {
    const page = await call('elbv2', 'DescribeLoadBalancers', marker === undefined ? {} : { Marker: marker });
    arns.push(...(page.LoadBalancers ?? []).flatMap((balancer) => balancer.LoadBalancerArn ?? []));
    marker = page.NextMarker;
  } while (marker);
  return arns;
}

async function certificatesOf(call: Call, loadBalancerArn: string): Promise<readonly string[]> {
  const arns: string[] = [];
  let marker: string | undefined;
  do {
    const page = await call('elbv2', 'DescribeListeners', {
      LoadBalancerArn: loadBalancerArn,
      ...(marker === undefined ? {} : { Marker: marker }),
    });
    for (const { Certificates = [], ListenerArn } of page.Listeners ?? []) {
      arns.push(...Certificates.flatMap((certificate) => certificate.CertificateArn ?? []));
      if (Certificates.length > 0 && ListenerArn !== undefined) arns.push(...(await namedOf(call, ListenerArn)));
    }
    marker = page.NextMarker;
  } while (marker);
  return arns;
}

/** The certificates that a listener chooses by name (SNI) are listed by a call of their own. */
async function namedOf(call: Call, ListenerArn: string): Promise<readonly string[]> {
  const arns: string[] = [];
  let marker: string | undefined;
  do {
    const page = await call('elbv2', 'DescribeListenerCertificates', {
      ListenerArn,
      ...(marker === undefined ? {} : { Marker: marker }),
    });
    arns.push(...(page.Certificates ?? []).flatMap((certificate) => certificate.CertificateArn ?? []));
    marker = page.NextMarker;
  } while (marker);
  return arns;
}
