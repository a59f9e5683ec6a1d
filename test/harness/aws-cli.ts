import { existsSync } from 'node:fs';

/** The aws CLI, version 2: Debian's, whatever else comes first on the PATH. */
export const AWS_CLI = existsSync('/usr/bin/aws') ? '/usr/bin/aws' : 'aws';
