/** A server that applies one table and is killed: run by reload.host.test.ts with the folder and the table as JSON. */
import { systemClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { HaproxyPlane } from './haproxy-plane.ts';

const [folder = '', table = ''] = process.argv.slice(2);
const plane = new HaproxyPlane({ folder, instanceId: '0a1b2c3d', clock: systemClock, log: silentLog });
await plane.apply(JSON.parse(table));
process.kill(process.pid, 'SIGKILL');
