// SPDX-License-Identifier: MIT
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder that is gone when it is disposed. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  /** Writes files, by path relative to the folder. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

/** Makes a temporary folder with the given files. */
export async function temporaryFolder(files: Readonly<Record<string, string>> = {}): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'xtask-'));
  const write = async (contents: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, content] of Object.entries(contents)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), content);
    }
  };
  await write(files);
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
