import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { registryTables } from '../registry/tables.ts';
import { acm } from '../services/acm/index.ts';
import { ec2 } from '../services/ec2/index.ts';
import { ecr } from '../services/ecr/index.ts';
import { ecs } from '../services/ecs/index.ts';
import { elbv2 } from '../services/elbv2/index.ts';
import { logs } from '../services/logs/index.ts';
import { route53 } from '../services/route53/index.ts';
import { sts } from '../services/sts/index.ts';

const SERVICES = [acm, ec2, ecr, ecs, elbv2, logs, route53, sts];

test('an operation is exported under its name on the wire', () => {
  for (const { name, operations } of SERVICES) {
    for (const [key, operation] of Object.entries(operations)) assert.equal(operation.name, key, name);
  }
});

test("every table has one owner, whose name it carries: two of a name would read each other's rows", () => {
  const named = SERVICES.flatMap((service) => service.tables.map((one) => ({ owner: service.name, name: one.name })));
  for (const { owner, name } of named) assert.ok(name.startsWith(`${owner}.`), `${name} is a table of ${owner}`);
  for (const one of registryTables) assert.ok(one.name.startsWith('registry.'), one.name);
  const names = [...named.map((one) => one.name), ...registryTables.map((one) => one.name)];
  assert.deepEqual(names.toSorted(), [...new Set(names)].toSorted());
});

test('the README lists every operation that is built, and no other', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| [^|]+ \| (\d+) \| ((?:\w+, )*\w+) \|$/gm)];
  const listed = rows.flatMap(([, count, names = '']) => {
    const operations = names.split(', ');
    assert.equal(operations.length, Number(count), names);
    return operations;
  });
  const built = SERVICES.flatMap((service) => Object.keys(service.operations));
  assert.deepEqual(listed.toSorted(), built.toSorted());
  assert.ok(readme.includes(`| all | ${built.length} | |`));
});
