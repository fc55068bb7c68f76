// SPDX-License-Identifier: MIT
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);
const FAULT_COUNT = 48;
/** A file and a part of a title: `path`: title, up to the next clause. */
const CITATION = /`([\w./-]+\.(?:ts|feature))`: ([^;|]+)/g;

interface Row {
  readonly name: string;
  readonly proof: string;
}

function rows(): readonly Row[] {
  const page = readFileSync(fileURLToPath(new URL('../FAULTS.md', import.meta.url)), 'utf8');
  return page.split('\n').flatMap((line) => {
    const [, name = '', , , proof = ''] = line.split(' | ').length === 4 ? ['', ...line.split(' | ')] : [];
    const id = /^\| (B\d+)/.exec(name)?.[1];
    return id === undefined ? [] : [{ name: id, proof }];
  });
}

/** What of a row's citations is not there. */
function missing({ name, proof }: Row): readonly string[] {
  return [...proof.matchAll(CITATION)].flatMap(([, path = '', title = '']) => {
    const file = fileURLToPath(new URL(path, ROOT));
    if (!existsSync(file)) return [`${name}: ${path} is not there`];
    return readFileSync(file, 'utf8').includes(title.trim()) ? [] : [`${name}: no test "${title.trim()}" in ${path}`];
  });
}

verifies('ORCH-1341', 'every fault of one machine has a test that is there, or a reason', () => {
  const found = rows();
  expect(found.map(({ name }) => name)).toEqual(Array.from({ length: FAULT_COUNT }, (_, index) => `B${index + 1}`));
  expect(found.filter(({ proof }) => !/^Left out: \w/.test(proof) && !/^`[^`]+`: \w/.test(proof))).toEqual([]);
  expect(found.flatMap(missing)).toEqual([]);
});

verifies('ORCH-1341', 'a citation that leads nowhere is found', () => {
  const proof = '`test-harness/chaos/src/nowhere.ts`: a title; `test-harness/chaos/FAULTS.ts`: another';
  expect(missing({ name: 'B0', proof })).toHaveLength(2);
});
