import { readFile, readlink } from 'node:fs/promises';
import { RuntimeError, messageOf } from '../../kernel/errors.ts';
import { formatAddress, parseBlock } from '../ipv4.ts';
import type { InterfaceState } from '../network.ts';
import { ask, run, runIp, runInside } from './command.ts';
import { taskLink } from './link-names.ts';
import { parseIpJson } from './observe.ts';
import type { IpLink } from './observe.ts';

/** The name of the interface in the task's namespace. */
const TASK_SIDE = 'eth0';
/** In /proc/PID/net/igmp: an interface that is up is in the group of all hosts, and one that is down is in none. */
const TASK_SIDE_UP = new RegExp(`^\\d+\\s+${TASK_SIDE}\\s*:`, 'm');

/** There is no IPv6 in a VPC; before links are up, so that none gets an address. Then runs lines of `ip`. */
const SET_UP_TASK = `
  file=/proc/sys/net/ipv6/conf/all/disable_ipv6
  [ ! -e "$file" ] || echo 1 > "$file"
  exec ip -batch -`;

/**
 * Joins a process's network namespace to a VPC's by the interface's veth. Each line may run again over what is there
 * already, so a crash between two of them is mended by the next call, and a running task is not disturbed.
 * @throws RuntimeError gone when the process does not exist; rejected when it has no namespace of its own
 */
export async function plugInterface(namespace: string, one: InterfaceState, pid: number): Promise<void> {
  await checkProcess(pid);
  try {
    const router = await findLink(['-n', namespace], taskLink(one.interfaceId));
    const joined = router !== undefined && (await isPeer(router, one, pid));
    await runIp(
      [
        ...(router && !joined ? [`link del ${router.ifname}`] : []),
        ...(joined ? [] : [linkLine(one, pid)]),
        ...routerLines(one),
      ],
      namespace,
    );
    await runInside(processNamespace(pid), 'sh', ['-e', '-c', SET_UP_TASK], `${taskLines(one).join('\n')}\n`);
  } catch (error) {
    await checkProcess(pid);
    throw error;
  }
}

export async function unplugInterface(namespace: string, interfaceId: string): Promise<void> {
  const link = taskLink(interfaceId);
  if (await findLink(['-n', namespace], link)) await runIp([`link del ${link}`], namespace);
}

/**
 * Whether `plugInterface` has set up the task's side, and it is there still: either end of a veth takes the other with it.
 * Its addresses and routes are the task's business, who may have a tunnel or a bridge, or no way out on purpose. A
 * process that is gone counts as plugged: nothing is to be done.
 */
export async function hasTaskSide(pid: number): Promise<boolean> {
  const groups = await readFile(`/proc/${pid}/net/igmp`, 'utf8').catch(() => undefined);
  return groups === undefined || TASK_SIDE_UP.test(groups);
}

async function findLink(where: readonly string[], link: string): Promise<IpLink | undefined> {
  const text = await ask('ip', [...where, '-j', 'link', 'show', 'dev', link]);
  return text === undefined ? undefined : parseIpJson<IpLink>(text)[0];
}

/** True when the other end of the router's link is the process's interface, not one of a process before it. */
async function isPeer(router: IpLink, one: InterfaceState, pid: number): Promise<boolean> {
  const text = await runInside(processNamespace(pid), 'ip', ['-j', 'link', 'show']);
  const task = parseIpJson<IpLink>(text).find((link) => link.ifname === TASK_SIDE);
  return (
    task !== undefined &&
    task.link_index === router.ifindex &&
    router.link_index === task.ifindex &&
    task.address === one.macAddress.toLowerCase()
  );
}

function linkLine(one: InterfaceState, pid: number): string {
  const peer = `peer name ${TASK_SIDE} address ${one.macAddress} netns ${pid}`;
  return `link add ${taskLink(one.interfaceId)} type veth ${peer}`;
}

function routerLines(one: InterfaceState): string[] {
  const link = taskLink(one.interfaceId);
  return [
    `link set ${link} up`,
    // The kernel waits up to 0.8 s before it answers for another's address.
    `ntable change name arp_cache dev ${link} proxy_delay 0`,
    `route replace ${one.privateIp}/32 dev ${link}`,
  ];
}

function taskLines(one: InterfaceState): string[] {
  const subnet = parseBlock(one.subnetCidr);
  if (!subnet) throw new RuntimeError('rejected', `subnet ${one.subnetCidr} is not a CIDR`);
  return [
    'link set lo up',
    `address replace ${one.privateIp}/${subnet.prefixLength} broadcast + dev ${TASK_SIDE}`,
    `link set ${TASK_SIDE} up`,
    `route replace default via ${formatAddress(subnet.first + 1)} dev ${TASK_SIDE}`,
  ];
}

function processNamespace(pid: number): string {
  return `/proc/${pid}/ns/net`;
}

async function checkProcess(pid: number): Promise<void> {
  const [own, its] = await Promise.all([
    readlink('/proc/self/ns/net'),
    readlink(processNamespace(pid)).catch((error: unknown) => {
      throw new RuntimeError('gone', `process ${pid} does not exist: ${messageOf(error)}`, error);
    }),
  ]);
  if (own === its) throw new RuntimeError('rejected', `process ${pid} has the host's network namespace`);
}

/** Deletes every link to a task; the namespace may outlive its name while a process runs in it. */
export async function unplugAll(namespace: string, links: readonly string[]): Promise<void> {
  if (links.length === 0) return;
  const lines = links.map((link) => `link del ${link}\n`).join('');
  await run('ip', ['-n', namespace, '-force', '-batch', '-'], lines).catch(() => {});
}
