// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Parses a YAML file of the repository; duplicate keys and syntax errors throw with the path. */
export async function readYaml(root: string, path: string): Promise<unknown> {
  try {
    return parse(await readFile(join(root, path), 'utf8'), { uniqueKeys: true });
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
