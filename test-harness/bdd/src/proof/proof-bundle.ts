// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { at } from '../json-path.ts';
import { proveControl, proveBudget, proveDryRun } from './prove-control.ts';
import { proveCrash } from './prove-crash.ts';
import { provePools } from './prove-pools.ts';
import { ProofRecord, type Finding } from './proof-record.ts';
import { ProofSession } from './proof-session.ts';
import { POOL, ServiceLife } from './service-life.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const WORD = 'lantern';

/** A written bundle. */
export interface ProofBundle {
  readonly folder: string;
  readonly findings: readonly Finding[];
}

/** Where the service of a proof keeps its state: a folder of this machine that is gone afterwards. */
const STATE_FOLDER = /[^\s"]*\/llama-orch-[A-Za-z0-9]{6}(?=\/)/g;

/**
 * Starts the service on its embedded engine, plays over raw HTTP what a user is promised, a SIGKILL among it, and writes
 * what was seen.
 *
 * @param parent Folder that gets the bundle, as `<date>-<commit>`.
 */
export async function writeProofBundle(parent: string): Promise<ProofBundle> {
  const state = await mkdtemp(join(tmpdir(), 'llama-orch-'));
  try {
    const life = await ServiceLife.begin(state);
    const record = new ProofRecord(life.port);
    const receipt = await play(record, life).finally(() => life.end());
    const files = record.transcripts;
    files.set('service-log.jsonl', `${life.outputLines.join('\n').replaceAll(STATE_FOLDER, 'STATE')}\n`);
    files.set('receipt.json', pretty(receipt));
    files.set('versions.json', pretty(versions(receipt)));
    files.set('README.md', summary(record.findings));
    const folder = join(parent, `${new Date().toISOString().slice(0, 10)}-${commit()}`);
    await mkdir(folder, { recursive: true });
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    return { folder, findings: record.findings };
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

/** Plays everything and resolves with the receipt of the main job. */
async function play(record: ProofRecord, life: ServiceLife): Promise<unknown> {
  const session = new ProofSession(record);
  await session.resume(await session.mainJob(WORD));
  await session.cancel();
  await session.fullQueue();
  await proveCrash(record, POOL, () => life.crash());
  await proveDryRun(record, POOL);
  await proveControl(record, POOL);
  await proveBudget(record);
  await provePools(record, POOL);
  record.transcripts.set('metrics.txt', await record.read('/metrics'));
  record.transcripts.set('capabilities.json', await record.read('/v1/capabilities'));
  return session.receipt;
}

function versions(receipt: unknown): unknown {
  const packages = globSync(['packages/*/package.json', 'packages/worker-adapters/*/package.json'], { cwd: ROOT })
    .map((path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as { name: string; version: string })
    .sort((a, b) => a.name.localeCompare(b.name));
  return {
    commit: commit(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    engine: at(receipt, 'engine'),
    engine_version: at(receipt, 'engine_version'),
    model_digest: at(receipt, 'model_digest'),
    packages: Object.fromEntries(packages.map(({ name, version }) => [name, version])),
  };
}

function commit(): string {
  return execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function summary(findings: readonly Finding[]): string {
  const rows = findings.map(({ id, promise, kept }) => `| ${kept ? 'kept' : 'BROKEN'} | ${id} | ${promise} |`);
  return [
    '# Proof bundle',
    '',
    'One run of the service on its embedded engine. The `.http` files are what went over the wire: `>` sent, `<` received.',
    'Made by `npm run proof`; `versions.json` says from what.',
    '',
    '| | Requirement | Promise |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
