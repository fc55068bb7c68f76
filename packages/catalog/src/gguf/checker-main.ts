// SPDX-License-Identifier: MIT
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { checkHeader } from './check-header.ts';
import { HeaderFault } from './header-reader.ts';
import type { CheckAnswer } from './check-model-file.ts';
import { readFacts } from './read-facts.ts';

// The process that looks at model files: `maxHeaderBytes` and paths in, one JSON line for each path out.
const [maxHeaderBytes = '0', ...paths] = process.argv.slice(2);

for (const path of paths) {
  process.stdout.write(`${JSON.stringify(await look(path))}\n`);
}

async function look(path: string): Promise<CheckAnswer> {
  try {
    const fileDescriptor = openSync(path, 'r');
    try {
      const { size: fileBytes } = fstatSync(fileDescriptor);
      const read = (target: Buffer, position: number): number =>
        readSync(fileDescriptor, target, 0, target.length, position);
      const shape = checkHeader({ read, fileBytes, maxHeaderBytes: Number(maxHeaderBytes) });
      return { facts: await readFacts(path, fileBytes, shape) };
    } finally {
      closeSync(fileDescriptor);
    }
  } catch (error) {
    return { fault: error instanceof HeaderFault ? error.message : `The header cannot be read: ${String(error)}` };
  }
}
