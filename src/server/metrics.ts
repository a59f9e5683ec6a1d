import { ecrDollarsPerMonth } from '../registry/price.ts';
import type { Usage } from '../registry/usage.ts';

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What the registry stores, in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function registryMetrics(usage: Usage): string {
  const perRepository = (value: (repository: Usage['repositories'][number]) => number): Sample[] =>
    usage.repositories.map((one) => ({
      labels: { account: one.account, region: one.region, repository: one.name },
      value: value(one),
    }));
  const all = (value: number): Sample[] => [{ value }];
  return [
    gauge(
      'repository_bytes',
      'Bytes of a repository, each of its blobs once.',
      perRepository(({ bytes }) => bytes),
    ),
    gauge(
      'repository_images',
      'Manifests of a repository.',
      perRepository(({ images }) => images),
    ),
    gauge('stored_bytes', 'Bytes on disk for all repositories, each blob once.', all(usage.storedBytes)),
    gauge('saved_bytes', 'Bytes that deduplication across repositories saves.', all(usage.savedBytes)),
    gauge('blobs', 'Distinct blobs of all repositories.', all(usage.blobs)),
    gauge('unused_bytes', 'Bytes of blobs that no repository has any more.', all(usage.unusedBytes)),
    gauge('upload_bytes', 'Bytes of uploads that are not complete.', all(usage.uploadBytes)),
    gauge(
      'aws_dollars_per_month',
      'What Amazon ECR would charge for the storage of all repositories.',
      all(ecrDollarsPerMonth(usage.repositoryBytes)),
    ),
  ].join('');
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  const full = `longshore_registry_${name}`;
  const lines = samples.map(({ labels, value }) => `${full}${labels ? labelText(labels) : ''} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.join('')}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const escaped = (value: string) => value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${pairs.join(',')}}`;
}
