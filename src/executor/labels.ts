/** How containers and volumes are found again: ownership is by label. */
export const LABEL = {
  instance: 'longshore.instance',
  task: 'longshore.task',
  container: 'longshore.container',
  /** `pause` or `container`. */
  role: 'longshore.role',
  imageDigest: 'longshore.image-digest',
  vpc: 'longshore.vpc',
  interface: 'longshore.interface',
  /** The host ports of a container's ranges. */
  hostPorts: 'longshore.host-ports',
} as const;
