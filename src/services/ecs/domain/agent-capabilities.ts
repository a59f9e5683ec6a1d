/** What Amazon's agent says that instances of this server's machine images can do. */

const FIRST_API = 17;
const LAST_API = 44;
const AGENT = 'com.amazonaws.ecs.capability';

export const PRIVILEGED = `${AGENT}.privileged-container`;

export const AGENT_CAPABILITIES: readonly string[] = [
  `${AGENT}.docker-plugin.local`,
  `${AGENT}.ecr-auth`,
  `${AGENT}.logging-driver.awslogs`,
  `${AGENT}.logging-driver.json-file`,
  `${AGENT}.logging-driver.none`,
  `${AGENT}.task-iam-role`,
  `${AGENT}.task-iam-role-network-host`,
  ...Array.from({ length: LAST_API - FIRST_API + 1 }, (_, i) => `${AGENT}.docker-remote-api.1.${FIRST_API + i}`),
  ...[
    'container-health-check',
    'container-ordering',
    'container-port-range',
    'container-restart-policy',
    'docker-plugin.local',
    'env-files.s3',
    'execution-role-awslogs',
    'execution-role-ecr-pull',
    'pid-ipc-namespace-sharing',
    'private-registry-authentication.secretsmanager',
    'secrets.asm.environment-variables',
    'secrets.ssm.environment-variables',
    'task-cpu-mem-limit',
    'task-eni',
  ].map((name) => `ecs.capability.${name}`),
];

/** Ports that no task may have: SSH's, the engine's and the agent's. */
export const AGENT_PORTS: readonly number[] = [22, 2375, 2376, 51_678, 51_679];
