// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { verifies } from '@llama-orch/test-kit';
import { afterAll, beforeAll, expect } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const CANARY = 'a-variable-of-this-machine';
let parent = '';
let output = '';
let files = new Map<string, string>();

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'proof-'));
  const command = ['--conditions=@llama-orch/source', 'ci/scripts/proof.mjs', '--out', parent];
  const env = { ...process.env, PROOF_CANARY: CANARY };
  ({ stdout: output } = await promisify(execFile)(process.execPath, command, { cwd: ROOT, env }));
  const [bundle = ''] = await readdir(parent);
  const names = await readdir(join(parent, bundle));
  files = new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(parent, bundle, name), 'utf8')] as const)),
  );
});
afterAll(() => rm(parent, { recursive: true, force: true }));

verifies(
  'ORCH-8400',
  'a bundle holds the transcripts, the scrape, the log, the receipt and a verdict for each promise',
  () => {
    expect([...files.keys()].sort()).toEqual([
      '01-main-job.http',
      '02-resume.http',
      '03-cancel.http',
      '04-full-queue.http',
      '05-crash.http',
      '06-dry-run.http',
      '07-control.http',
      '08-budget.http',
      '09-pools.http',
      'README.md',
      'capabilities.json',
      'metrics.txt',
      'receipt.json',
      'service-log.jsonl',
      'versions.json',
    ]);
    expect(output).not.toContain('BROKEN');
    expect(files.get('README.md')).toMatch(/\| kept +\| ORCH-1020/);
    expect(files.get('01-main-job.http')).toMatch(/^> POST \/v1\/tasks HTTP\/1.1\n[^]*^< HTTP\/1.1 202/m);
    expect(files.get('04-full-queue.http')).toMatch(/^< HTTP\/1.1 429/m);
    expect(files.get('README.md')).toMatch(/\| kept +\| ORCH-1240/);
    expect(files.get('05-crash.http')).toMatch(/^# SIGKILL[^]*^> Last-Event-ID: [0-9a-f]{8}:\d+$[^]*"attempt":2/m);
    expect(files.get('06-dry-run.http')).toMatch(/^> POST \/v1\/tasks\?dry_run=true[^]*^< HTTP\/1.1 404/m);
    expect(files.get('07-control.http')).toContain('"reason":"pool_paused"');
    expect(files.get('08-budget.http')).toMatch(/^< x-budget-tokens-remaining: \d+$/im);
    expect(files.get('09-pools.http')).toContain('no-such-model.gguf');
    expect(files.get('metrics.txt')).toContain('tasks_ended_total');
  },
);

verifies('ORCH-8401', 'a bundle says what it was made with and nothing of the machine', () => {
  const versions = JSON.parse(files.get('versions.json') ?? '') as Record<string, string>;
  expect(versions).toMatchObject({ node: process.version, engine: 'node-llama-cpp' });
  expect(versions['commit']).toMatch(/^[0-9a-f]{10}$/);
  expect(versions['model_digest']).toMatch(/^sha256:[0-9a-f]{64}$/);
  const everything = [...files.values()].join('\n');
  for (const secret of [ROOT, tmpdir(), `${homedir()}/`, hostname(), CANARY]) expect(everything).not.toContain(secret);
});
