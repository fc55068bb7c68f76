// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { createFakeHost } from '../__fixtures__/fake-host.ts';
import { runCli } from '../run-cli.ts';

const KEY = 'canary-key-0123456789';
const SHA256 = createHash('sha256').update(KEY).digest('hex');

verifies('ORCH-2629', 'the entry of a key is made from standard input and does not hold the key', async () => {
  const host = createFakeHost({ input: `${KEY}\n` });
  expect(await runCli(['keys', 'hash', 'alice'], host)).toBe(0);
  expect(host.written).toEqual({ stdout: `- { id: alice, sha256: ${SHA256} }\n`, stderr: '' });
  const forPrograms = createFakeHost({ input: KEY });
  expect(await runCli(['keys', 'hash', 'alice', '--json'], forPrograms)).toBe(0);
  expect(JSON.parse(forPrograms.written.stdout)).toEqual({ id: 'alice', sha256: SHA256 });
  expect(forPrograms.requests).toEqual([]);
});

verifies('ORCH-2629', 'a new key is shown once, beside its entry', async () => {
  const host = createFakeHost();
  expect(await runCli(['keys', 'new', 'night-shift'], host)).toBe(0);
  const key = /^ {2}(\S{43})$/m.exec(host.written.stderr)?.[1] ?? '';
  const sha256 = createHash('sha256').update(key).digest('hex');
  expect(host.written.stdout).toBe(`- { id: night-shift, sha256: ${sha256} }\n`);
  const other = createFakeHost();
  await runCli(['keys', 'new', 'night-shift'], other);
  expect(other.written.stdout).not.toBe(host.written.stdout);
});

verifies('ORCH-2629', 'a key that is too short or odd, and a bad name, are wrong usage', async () => {
  for (const input of ['short', 'with blanks in it, and long', '']) {
    const host = createFakeHost({ input });
    expect(await runCli(['keys', 'hash', 'alice'], host)).toBe(2);
    expect(host.written.stdout).toBe('');
  }
  const host = createFakeHost({ input: KEY });
  expect(await runCli(['keys', 'hash', 'Alice'], host)).toBe(2);
  expect(host.written.stderr).toContain('lower-case');
});
