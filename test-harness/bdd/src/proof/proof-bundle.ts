// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServiceUnderTest } from '../service-under-test.ts';
import { at } from '../json-path.ts';
import { ProofSession, type Finding } from './proof-session.ts';

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
 * Starts the service on its embedded engine, plays the main job, a resume, a cancel and a refusal over raw HTTP, and
 * writes what was seen.
 *
 * @param parent Folder that gets the bundle, as `<date>-<commit>`.
 */
export async function writeProofBundle(parent: string): Promise<ProofBundle> {
  const service = await ServiceUnderTest.start({
    config: {
      queue: { interactive_tasks: 1 },
      pools: [{ id: 'haiku', adapter: 'node-llama-cpp', slots: 1, max_tokens_out: 256 }],
    },
  });
  const session = new ProofSession(Number(new URL(service.baseUrl).port));
  const files = session.transcripts;
  try {
    await service.ready();
    await session.resume(await session.mainJob(WORD));
    await session.cancel();
    await session.fullQueue();
    files.set('metrics.txt', await session.read('/metrics'));
    files.set('capabilities.json', await session.read('/v1/capabilities'));
  } finally {
    await service.stop();
  }
  files.set('service-log.jsonl', `${service.outputLines.join('\n').replaceAll(STATE_FOLDER, 'STATE')}\n`);
  files.set('receipt.json', pretty(session.receipt));
  files.set('versions.json', pretty(versions(session)));
  files.set('README.md', summary(session.findings));
  const folder = join(parent, `${new Date().toISOString().slice(0, 10)}-${commit()}`);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of files) await writeFile(join(folder, name), text);
  return { folder, findings: session.findings };
}

function versions({ receipt }: ProofSession): unknown {
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
