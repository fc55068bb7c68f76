// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { formatFiles, generateFiles, names, type Tree } from '@nx/devkit';

/** Options of the `new-adapter` generator. */
export interface NewAdapterOptions {
  /** Name of the engine in kebab-case. */
  readonly name: string;
}

const HOME = 'packages/worker-adapters';

/**
 * Writes the package of a new adapter to an engine over HTTP, with the same files as every other: all duties of the port
 * done for a stand-in's wire, and the port's own exercise running against it. Replace the wire; keep the exercise green.
 */
export async function newAdapter(tree: Tree, { name }: NewAdapterOptions): Promise<void> {
  const folder = `${HOME}/${name}`;
  if (tree.exists(folder)) throw new Error(`${folder} exists already`);
  const { className, fileName } = names(name);
  generateFiles(tree, join(import.meta.dirname, 'files'), folder, { name: fileName, className, tmpl: '' });
  await formatFiles(tree);
}
