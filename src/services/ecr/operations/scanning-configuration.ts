import type {
  RegistryScanningConfiguration,
  RepositoryScanningConfiguration,
  RepositoryScanningConfigurationFailure,
} from '@aws-sdk/client-ecr';
import { repositoryScanning, scanningOf } from '../domain/scanning.ts';
import type { ScanningSettings } from '../domain/scanning.ts';
import { invalidParameter } from '../errors.ts';
import { operation } from '../operation.ts';
import { changeRegistry, findRegistry } from '../registries.ts';
import { checkRepositoryName, requireRepository } from '../repositories.ts';
import { registryOf, repositoryArn, repositoryResource } from '../scope.ts';
import { repositories, repositoryKey } from '../tables.ts';

const MOST_NAMES = 25;
const nothing = () => ['*'];

export const PutImageScanningConfiguration = operation('PutImageScanningConfiguration', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'PutImageScanningConfiguration', input);
    const repositoryName = checkRepositoryName(ctx, input.repositoryName);
    const scanOnPush = input.imageScanningConfiguration?.scanOnPush ?? false;
    await ctx.write(async (tx) =>
      tx.put(repositories, { ...(await requireRepository(tx, scope, repositoryName)), scanOnPush }),
    );
    return { registryId: scope.account, repositoryName, imageScanningConfiguration: { scanOnPush } };
  },
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryScanningConfiguration.html */
export const PutRegistryScanningConfiguration = operation('PutRegistryScanningConfiguration', {
  resources: nothing,
  handle: async (ctx, input) => {
    const scanning = scanningOf(input);
    await changeRegistry(ctx, (row) => ({ ...row, scanning }));
    return { registryScanningConfiguration: scanningView(scanning) };
  },
});

export const GetRegistryScanningConfiguration = operation('GetRegistryScanningConfiguration', {
  readOnly: true,
  resources: nothing,
  handle: async (ctx) => {
    const { scanning } = await ctx.read((tx) => findRegistry(tx, ctx));
    return { registryId: ctx.account, scanningConfiguration: scanningView(scanning) };
  },
});

export const BatchGetRepositoryScanningConfiguration = operation('BatchGetRepositoryScanningConfiguration', {
  readOnly: true,
  resources: (input, scope) => (input.repositoryNames ?? []).map((name) => repositoryArn(scope, name)),
  handle: async (ctx, input) => {
    const names = input.repositoryNames ?? [];
    if (names.length < 1 || names.length > MOST_NAMES) {
      throw invalidParameter('repositoryNames', `Member must have length between 1 and ${MOST_NAMES}`);
    }
    for (const name of names) checkRepositoryName(ctx, name);
    return ctx.read(async (tx) => {
      const { scanning } = await findRegistry(tx, ctx);
      const scanningConfigurations: RepositoryScanningConfiguration[] = [];
      const failures: RepositoryScanningConfigurationFailure[] = [];
      for (const repositoryName of new Set(names)) {
        const row = await tx.get(repositories, repositoryKey(ctx, repositoryName));
        if (!row) {
          failures.push({ repositoryName, failureCode: 'REPOSITORY_NOT_FOUND', failureReason: 'REPOSITORY_NOT_FOUND' });
          continue;
        }
        const { appliedScanFilters, ...own } = repositoryScanning(row, scanning);
        scanningConfigurations.push({
          repositoryArn: repositoryArn(row, repositoryName),
          repositoryName,
          ...own,
          appliedScanFilters: appliedScanFilters.map(({ filter }) => ({ filter, filterType: 'WILDCARD' })),
        });
      }
      return { scanningConfigurations, failures };
    });
  },
});

function scanningView({ scanType, rules }: ScanningSettings = { scanType: 'BASIC', rules: [] }) {
  const view: RegistryScanningConfiguration = {
    scanType,
    rules: rules.map(({ scanFrequency, filters }) => ({
      scanFrequency: scanFrequency === 'SCAN_ON_PUSH' ? 'SCAN_ON_PUSH' : 'MANUAL',
      repositoryFilters: filters.map(({ filter }) => ({ filter, filterType: 'WILDCARD' })),
    })),
  };
  return view;
}
