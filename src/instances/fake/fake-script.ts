import type { InstanceSeen } from '../instance-driver.ts';
import type { FakeInstance } from './fake-instance.ts';

const ECHO = /^echo\s+(?:'([^']*)'|"([^"]*)"|(.*?))\s*(?:(>>?)\s*(\S+))?$/;

/**
 * Runs the user data of a fake as far as tests need it: lines `echo TEXT`, `echo TEXT > PATH`, `echo TEXT >> PATH` and
 * `exit CODE` of a shell script. What is no script fails; other lines do nothing.
 */
export function runScript(instance: FakeInstance): InstanceSeen['userData'] {
  const { userData } = instance.spec;
  if (!userData || userData.length === 0) return 'done';
  const [first = '', ...lines] = userData.toString('utf8').split('\n');
  if (!first.startsWith('#!')) {
    instance.console += `init: user data: what begins with '${first.slice(0, 40)}' is not supported\n`;
    return 'failed';
  }
  for (const line of lines.map((one) => one.trim())) {
    const code = /^exit\s+(\d+)$/.exec(line)?.[1];
    if (code !== undefined) return code === '0' ? 'done' : 'failed';
    const [, single, double, plain, redirection, path] = ECHO.exec(line) ?? [];
    const text = single ?? double ?? plain;
    if (text === undefined) continue;
    if (path === undefined) instance.console += `${text}\n`;
    else write(instance, path, `${text}\n`, redirection === '>>');
  }
  return 'done';
}

function write({ files }: FakeInstance, path: string, text: string, append: boolean): void {
  const before = append ? (files.get(path) ?? Buffer.alloc(0)) : Buffer.alloc(0);
  files.set(path, Buffer.concat([before, Buffer.from(text)]));
}
