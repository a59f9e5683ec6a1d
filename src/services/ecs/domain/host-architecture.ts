import type { CPUArchitecture } from '@aws-sdk/client-ecs';

/** Tasks run where the server runs, so its processor is theirs. */
export const HOST_ARCHITECTURE: CPUArchitecture = process.arch === 'arm64' ? 'ARM64' : 'X86_64';
