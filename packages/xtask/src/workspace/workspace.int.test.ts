// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { COMMAND_SUMMARIES } from '../command-summaries.ts';
import { printHelp } from '../help.ts';
import { repositoryFiles } from '../repository-files.ts';
import { repositoryRoot } from '../testing/repository.ts';
import { publishedProjects, workspaceProjects } from './workspace-projects.ts';

const LAYERS = ['contract', 'port', 'util', 'core', 'adapter', 'app', 'client', 'testing', 'tool'];

verifies('ORCH-9001', 'every project has one layer and a scope', async () => {
  for (const { folder, manifest } of await workspaceProjects(repositoryRoot)) {
    const tags = manifest.nx?.tags ?? [];
    const layers = tags.filter((tag) => tag.startsWith('layer:')).map((tag) => tag.slice('layer:'.length));
    expect([folder, layers.length, LAYERS.includes(layers[0] ?? '')]).toEqual([folder, 1, true]);
    expect([folder, tags.some((tag) => tag.startsWith('scope:'))]).toEqual([folder, true]);
  }
});

verifies('ORCH-9001', 'a published package says what it is and what it holds', async () => {
  for (const { folder, manifest } of await publishedProjects(repositoryRoot)) {
    const { description = '', license, files = [], engines, exports = {} } = manifest;
    expect([folder, description !== '', license, engines?.node]).toEqual([folder, true, 'MIT', '>=24']);
    expect([folder, files]).toEqual([folder, expect.arrayContaining(['dist'])]);
    for (const [entry, target] of Object.entries(exports)) {
      if (entry === './package.json') continue;
      const source = {
        '@llama-orch/source': expect.any(String),
        types: expect.any(String),
        default: expect.any(String),
      };
      expect([folder, entry, target]).toEqual([folder, entry, expect.objectContaining(source)]);
    }
  }
});

verifies('ORCH-9302', 'a version plan names only published packages', async () => {
  const published = (await publishedProjects(repositoryRoot)).map(({ manifest }) => manifest.name);
  const folder = join(repositoryRoot, '.nx/version-plans');
  const plans = (await readdir(folder)).filter((name) => name.endsWith('.md'));
  for (const plan of plans) {
    const [, frontMatter = ''] = (await readFile(join(folder, plan), 'utf8')).split(/^---$/m);
    const bumps = [...frontMatter.matchAll(/^'([^']+)': (major|minor|patch)$/gm)];
    expect([plan, bumps.length]).not.toEqual([plan, 0]);
    expect(published).toEqual(expect.arrayContaining(bumps.map(([, name]) => name)));
  }
});

verifies('ORCH-9303', 'every source file names its licence at the top', async () => {
  const paths = (await repositoryFiles(repositoryRoot)).filter((path) => /\.(ts|tsx|js|mjs|sh|py)$/.test(path));
  const bare: string[] = [];
  for (const path of paths) {
    const [first = '', second = ''] = (await readFile(join(repositoryRoot, path), 'utf8')).split('\n');
    if (!(first.startsWith('#!') ? second : first).includes('SPDX-License-Identifier: MIT')) bare.push(path);
  }
  expect(bare).toEqual([]);
});

verifies('ORCH-9201', 'help lists every root script and every command', async () => {
  const lines: string[] = [];
  await printHelp({ root: repositoryRoot, print: (line) => lines.push(line) });
  const { scripts } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  for (const script of Object.keys(scripts)) {
    const command = ['start', 'test'].includes(script) ? `npm ${script}` : `npm run ${script}`;
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^ +${command}\\b .*\\w`)));
  }
  for (const name of Object.keys(COMMAND_SUMMARIES))
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^ +${name} +\\w`)));
});
