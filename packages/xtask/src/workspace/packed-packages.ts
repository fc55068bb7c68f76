// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { glob, mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { publishedProjects, type WorkspaceProject } from './workspace-projects.ts';

const run = promisify(execFile);

/** A published package as its users get it. */
export interface PackedPackage extends WorkspaceProject {
  /** Absolute path of the packed tarball. */
  readonly tarball: string;
  /** Absolute path of the unpacked package, beside which lie its declared dependencies and nothing else. */
  readonly installed: string;
}

/**
 * Builds and packs every published package into `target` and unpacks it there. No network: other people's packages are
 * linked from the repository, ours from their tarballs, and each package sees only what its manifest declares.
 */
export async function packPackages(root: string, target: string): Promise<readonly PackedPackage[]> {
  const projects = await publishedProjects(root);
  const build = projects.map(({ folder }) => join(folder, 'tsconfig.lib.json'));
  await run(join(root, 'node_modules/.bin/tsc'), ['-b', ...build], { cwd: root });
  for (const { folder } of projects) await removeOrphans(join(root, folder));
  const tarballs = await packTarballs(root, projects, target);
  const packed = projects.map((project) => ({
    ...project,
    tarball: join(target, tarballs.get(project.manifest.name) ?? ''),
    installed: join(target, 'store', slug(project.manifest.name), 'node_modules', project.manifest.name),
  }));
  for (const { tarball, installed } of packed) {
    await mkdir(installed, { recursive: true });
    await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
  }
  for (const one of packed) await linkDependencies(root, one, packed);
  return packed;
}

/** Lets a program in `folder` import the named packages as their tarballs hold them, and nothing else. */
export async function linkPackages(
  folder: string,
  names: readonly string[],
  packages: readonly PackedPackage[],
): Promise<void> {
  for (const name of names) {
    const found = packages.find(({ manifest }) => manifest.name === name);
    if (found === undefined) throw new Error(`There is no package ${name}`);
    await linkModule(join(folder, 'node_modules', name), found.installed);
  }
}

/** A build leaves the outputs of sources that were removed or renamed; they must not be packed. */
async function removeOrphans(folder: string): Promise<void> {
  for await (const path of glob('dist/**/*.{js,d.ts,js.map,d.ts.map}', { cwd: folder })) {
    const source = path.replace(/^dist/, 'src').replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
    if (!existsSync(join(folder, source))) await rm(join(folder, path));
  }
}

async function packTarballs(
  root: string,
  projects: readonly WorkspaceProject[],
  target: string,
): Promise<ReadonlyMap<string, string>> {
  const workspaces = projects.flatMap(({ folder }) => ['--workspace', folder]);
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', target, ...workspaces];
  const { stdout } = await run('npm', args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  const packed = Object.values(JSON.parse(stdout) as readonly { readonly name: string; readonly filename: string }[]);
  return new Map(packed.map(({ name, filename }) => [name, filename]));
}

async function linkDependencies(root: string, one: PackedPackage, all: readonly PackedPackage[]): Promise<void> {
  const { dependencies = {}, peerDependencies = {} } = one.manifest;
  const modules = one.installed.slice(0, -one.manifest.name.length);
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    const ours = all.find(({ manifest }) => manifest.name === name)?.installed;
    await linkModule(join(modules, name), ours ?? findInRepository(root, one.folder, name));
  }
}

async function linkModule(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}

function findInRepository(root: string, folder: string, name: string): string {
  const places = [join(root, folder, 'node_modules', name), join(root, 'node_modules', name)];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`${folder} declares ${name}, which is not installed`);
  return found;
}

function slug(name: string): string {
  return name.replaceAll(/[^a-z0-9-]/g, '_');
}
