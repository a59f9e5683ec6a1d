/** How instances are found again on the host's engine; the first is every container's of this server. */
export const LABEL = {
  server: 'longshore.instance',
  role: 'longshore.role',
  instance: 'longshore.ec2-instance',
  image: 'longshore.machine-image',
} as const;

export const ROLE = 'ec2-instance';
