import { readFileSync } from 'node:fs';

/** By number, from include/uapi/linux/capability.h. */
const NAMES = [
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE',
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN',
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE',
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE',
].flatMap((line) => line.split(' '));

/** Every capability that this host has: an engine cannot give a container more than it has itself. */
export function hostCapabilities(): { readonly add: readonly string[]; readonly drop: readonly string[] } {
  const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  return { add: ['ALL'], drop: lackingOf(readFileSync('/proc/self/status', 'utf8'), last) };
}

/**
 * @param status the text of `/proc/PID/status`
 * @param last the number of the last capability that the kernel knows: those it does not know the engine adds to nobody
 */
export function lackingOf(status: string, last: number): string[] {
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? 'ffffffffffffffff'}`);
  return NAMES.filter((_, number) => number <= last && ((bounding >> BigInt(number)) & 1n) === 0n);
}
