import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decide } from './evaluate.ts';
import { type Case, cases } from './testing-cases.ts';
import { DIFFERENCES, rewrite } from './testing-differences.ts';
import { requestOf, theirs } from './testing-oracle.ts';

/** 100,000 take about two minutes. */
const CASES = Number(process.env['LONGSHORE_DIFFERENTIAL_CASES'] ?? 2000);
const SEED = Number(process.env['LONGSHORE_DIFFERENTIAL_SEED'] ?? 20_260_101);

test(`decides ${CASES} random requests as iam-simulate does, but for what docs/policy-differences.md explains`, async (t) => {
  const tally = new Map<string, number>();
  const count = (what: string) => tally.set(what, (tally.get(what) ?? 0) + 1);
  const same = fc.asyncProperty(cases, async (one) => {
    const { outcome } = decide(requestOf(one));
    count(outcome);
    if (outcome === (await theirs(one))) return;
    count('differs');
    const { rewritten, names } = await rewrite(one);
    assert.equal(outcome, await theirs(rewritten), `rewritten for ${names.join(', ') || 'nothing'}`);
    for (const name of await needed(one, outcome, names)) count(name);
  });
  await fc.assert(same, { numRuns: CASES, seed: SEED });
  t.diagnostic(JSON.stringify(Object.fromEntries(tally)));
  for (const outcome of ['allowed', 'explicitDeny', 'implicitDeny']) {
    assert.ok((tally.get(outcome) ?? 0) > CASES / 20, `only ${tally.get(outcome) ?? 0} cases are ${outcome}`);
  }
});

/** Those differences without which the decisions still differ. */
async function needed(one: Case, outcome: string, names: readonly string[]): Promise<string[]> {
  if (names.length === 1) return [...names];
  const kept: string[] = [];
  for (const name of names) {
    const { rewritten } = await rewrite(
      one,
      names.filter((other) => other !== name),
    );
    if ((await theirs(rewritten)) !== outcome) kept.push(name);
  }
  return kept;
}

test('every difference is explained by its name', async () => {
  const page = await readFile(new URL('../../docs/policy-differences.md', import.meta.url), 'utf8');
  const explained = [...page.matchAll(/^### `([\w-]+)`$/gm)].map(([, name]) => name);
  assert.deepEqual(new Set(explained), new Set(DIFFERENCES.map(({ name }) => name)));
});
