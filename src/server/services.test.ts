import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { registryTables } from '../registry/tables.ts';
import { SERVICES_WITH_CASES } from './testing-services.ts';

const SERVICES = SERVICES_WITH_CASES.map(({ service }) => service);

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
