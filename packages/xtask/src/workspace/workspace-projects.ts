// SPDX-License-Identifier: MIT
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The parts of a `package.json` that are read here. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly files?: readonly string[];
  readonly engines?: { readonly node?: string };
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
}

/** One project of the workspace. */
export interface WorkspaceProject {
  /** Folder relative to the repository root. */
  readonly folder: string;
  readonly manifest: PackageManifest;
}

/** Every project of the npm workspace, in the order of their folders. */
export async function workspaceProjects(root: string): Promise<readonly WorkspaceProject[]> {
  const { workspaces } = await readManifest<{ readonly workspaces: readonly string[] }>(join(root, 'package.json'));
  const paths = await Array.fromAsync(
    glob(
      workspaces.map((pattern) => `${pattern}/package.json`),
      { cwd: root },
    ),
  );
  return Promise.all(
    [...new Set(paths)]
      .sort()
      .map(async (path) => ({ folder: dirname(path), manifest: await readManifest(join(root, path)) })),
  );
}

/** The projects that are published to a registry. */
export async function publishedProjects(root: string): Promise<readonly WorkspaceProject[]> {
  return (await workspaceProjects(root)).filter(({ manifest }) => manifest.private !== true);
}

async function readManifest<T = PackageManifest>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}
