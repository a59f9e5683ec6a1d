import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { clientError } from '../errors.ts';
import { checkRange, invalidSetting } from './task-definition-rules.ts';

const ULIMITS = new Set(
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' '),
);
const CAPABILITIES = new Set(
  (
    'ALL AUDIT_CONTROL AUDIT_WRITE BLOCK_SUSPEND CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER ' +
    'KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW SETFCAP ' +
    'SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO ' +
    'SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM'
  ).split(' '),
);
/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html */
const IPC_CONTROLS = new Set(
  (
    'kernel.msgmax kernel.msgmnb kernel.msgmni kernel.sem kernel.shmall kernel.shmmax kernel.shmmni ' +
    'kernel.shm_rmid_forced'
  ).split(' '),
);
const TMPFS_OPTIONS =
  /^(defaults|ro|rw|suid|nosuid|dev|nodev|exec|noexec|sync|async|dirsync|remount|mand|nomand|atime|noatime|diratime|nodiratime|bind|rbind|unbindable|runbindable|private|rprivate|shared|rshared|slave|rslave|relatime|norelatime|strictatime|nostrictatime|(mode|uid|gid|nr_inodes|nr_blocks|mpol)(=.+)?)$/;

/** Limits, capabilities, devices and the kernel's parameters. */
export function checkKernel(container: ContainerDefinition): void {
  checkUlimits(container);
  checkLinux(container);
  for (const { namespace = '', value } of container.systemControls ?? []) {
    if (!isNamespaced(namespace)) {
      throw invalidSetting(container, `'systemControls' does not support the namespace '${namespace}'.`);
    }
    if (value === undefined || value === '') {
      throw invalidSetting(container, `'systemControls' needs a value for the namespace '${namespace}'.`);
    }
  }
}

function isNamespaced(name: string): boolean {
  return IPC_CONTROLS.has(name) || /^(fs\.mqueue|net)\.[\w./-]+$/.test(name);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html */
function checkUlimits(container: ContainerDefinition): void {
  const seen = new Set<string>();
  for (const { name = '', softLimit = 0, hardLimit = 0 } of container.ulimits ?? []) {
    if (!ULIMITS.has(name)) throw clientError(`Unrecognized ulimit name ${name}`);
    if (seen.has(name)) throw invalidSetting(container, `The ulimit '${name}' is set more than once.`);
    seen.add(name);
    // -1 is no limit at all.
    if (Math.min(softLimit, hardLimit) < -1) {
      throw invalidSetting(container, `The limits of the ulimit '${name}' must be at least -1.`);
    }
    if (hardLimit !== -1 && (softLimit === -1 || softLimit > hardLimit)) {
      throw invalidSetting(container, `The soft limit of the ulimit '${name}' cannot be greater than its hard limit.`);
    }
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html */
function checkLinux(container: ContainerDefinition): void {
  const linux = container.linuxParameters ?? {};
  for (const name of [...(linux.capabilities?.add ?? []), ...(linux.capabilities?.drop ?? [])]) {
    if (!CAPABILITIES.has(name)) throw invalidSetting(container, `Invalid Linux capability '${name}'.`);
  }
  for (const { hostPath, containerPath } of linux.devices ?? []) {
    if (!hostPath?.startsWith('/')) throw invalidSetting(container, "'hostPath' of a device must be an absolute path.");
    if (containerPath && !containerPath.startsWith('/')) {
      throw invalidSetting(container, "'containerPath' of a device must be an absolute path.");
    }
  }
  for (const { containerPath, size = 0, mountOptions = [] } of linux.tmpfs ?? []) {
    if (!containerPath?.startsWith('/')) {
      throw invalidSetting(container, "'containerPath' of a tmpfs mount must be an absolute path.");
    }
    if (size < 1) throw invalidSetting(container, "'size' of a tmpfs mount must be at least 1 MiB.");
    const bad = mountOptions.find((option) => !TMPFS_OPTIONS.test(option));
    if (bad !== undefined) throw invalidSetting(container, `Invalid tmpfs mount option '${bad}'.`);
  }
  const what = `of container '${container.name}'`;
  checkRange(linux.sharedMemorySize, `sharedMemorySize ${what}`, 1);
  checkRange(linux.maxSwap, `maxSwap ${what}`, 0);
  checkRange(linux.swappiness, `swappiness ${what}`, 0, 100);
}
