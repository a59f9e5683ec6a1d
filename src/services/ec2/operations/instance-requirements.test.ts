import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstanceRequirementsRequest } from '@aws-sdk/client-ec2';
import { failure, openTestEc2 } from '../testing.ts';

const LEAST = { VCpuCount: { Min: 2, Max: 2 }, MemoryMiB: { Min: 4096, Max: 8192 } };
const ASKED = { ArchitectureTypes: ['x86_64' as const], VirtualizationTypes: ['hvm' as const] };

test('the types that meet requirements, in pages', async () => {
  const ec2 = openTestEc2();
  const typesOf = async (change: Partial<InstanceRequirementsRequest> = {}, more: object = {}) => {
    const input = { ...ASKED, InstanceRequirements: { ...LEAST, ...change }, ...more };
    const { InstanceTypes = [] } = await ec2.call('GetInstanceTypesFromInstanceRequirements', input);
    return InstanceTypes.map((one) => one.InstanceType);
  };
  const AllowedInstanceTypes = ['m5.*', 'm6g.*', 'm7a.*', 't3.*'];
  assert.deepEqual(await typesOf({ AllowedInstanceTypes }), ['m5.large', 'm7a.large']);
  assert.deepEqual(await typesOf({ AllowedInstanceTypes }, { ArchitectureTypes: ['arm64'] }), ['m6g.large']);
  assert.deepEqual(await typesOf({ AllowedInstanceTypes }, { ArchitectureTypes: ['i386'] }), []);
  assert.deepEqual(await typesOf({ AllowedInstanceTypes }, { VirtualizationTypes: ['paravirtual'] }), []);
  assert.deepEqual(await typesOf({ AllowedInstanceTypes, CpuManufacturers: ['amd'] }), ['m7a.large']);
  assert.deepEqual(await typesOf({ AllowedInstanceTypes, BurstablePerformance: 'required' }), [
    't3.large',
    't3.medium',
  ]);
  assert.deepEqual(await typesOf({ AllowedInstanceTypes, MemoryGiBPerVCpu: { Max: 3 } }), []);
  assert.deepEqual(await typesOf({ BareMetal: 'required' }), []);
  assert.ok(!(await typesOf({ ExcludedInstanceTypes: ['m5.*'] })).includes('m5.large'));
  const all = await typesOf();
  const pages: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ec2.call('GetInstanceTypesFromInstanceRequirements', {
      ...ASKED,
      InstanceRequirements: LEAST,
      MaxResults: 5,
      ...(NextToken && { NextToken }),
    });
    assert.ok((page.InstanceTypes?.length ?? 0) <= 5);
    pages.push(...(page.InstanceTypes ?? []).map((one) => one.InstanceType));
    NextToken = page.NextToken;
  } while (NextToken);
  assert.deepEqual(pages, all);
  await ec2.close();
});

test('requirements that say too little, or what no type here can tell, are refused', async () => {
  const ec2 = openTestEc2();
  const refused = async (change: object, code: string, words: string) => {
    const input = { ...ASKED, InstanceRequirements: LEAST, ...change };
    await assert.rejects(ec2.call('GetInstanceTypesFromInstanceRequirements', input), failure(code, words), words);
  };
  const wanting = (change: object, code: string, words: string) =>
    refused({ InstanceRequirements: { ...LEAST, ...change } }, code, words);
  await refused({ ArchitectureTypes: [] }, 'MissingParameter', 'ArchitectureType');
  await refused({ VirtualizationTypes: undefined }, 'MissingParameter', 'VirtualizationType');
  await refused({ InstanceRequirements: undefined }, 'MissingParameter', 'InstanceRequirements.VCpuCount.Min');
  await refused({ ArchitectureTypes: ['vax'] }, 'InvalidParameterValue', '(vax) for parameter ArchitectureType');
  await refused({ VirtualizationTypes: ['hvm', 'hvm', 'hvm'] }, 'InvalidParameterValue', 'at most 2 values');
  await refused({ MaxResults: 1001 }, 'InvalidParameterValue', 'maxResults');
  await refused({ NextToken: 'x' }, 'InvalidPaginationToken', 'token');
  await wanting({ MemoryMiB: { Max: 4 } }, 'MissingParameter', 'InstanceRequirements.MemoryMiB.Min');
  await wanting(
    { VCpuCount: { Min: 4, Max: 2 } },
    'InvalidParameterValue',
    'The range of InstanceRequirements.VCpuCount',
  );
  await wanting(
    { BareMetal: 'maybe' },
    'InvalidParameterValue',
    '(maybe) for parameter InstanceRequirements.BareMetal',
  );
  await wanting({ CpuManufacturers: ['zilog'] }, 'InvalidParameterValue', 'InstanceRequirements.CpuManufacturers');
  await wanting({ AcceleratorCount: { Min: 1 } }, 'InvalidParameterValue', 'InstanceRequirements.AcceleratorCount');
  const both = { AllowedInstanceTypes: ['m5.*'], ExcludedInstanceTypes: ['m5.large'] };
  await wanting(both, 'InvalidParameterCombination', 'AllowedInstanceTypes and ExcludedInstanceTypes');
  await refused({ DryRun: true }, 'DryRunOperation', 'Request would have succeeded');
  await ec2.close();
});
