// SPDX-License-Identifier: MIT
import { GENERATORS } from './generate/all.ts';
import { writeFiles } from './generated-file.ts';

const root = new URL('../../..', import.meta.url).pathname;
const written: string[] = [];
for (const g of Object.values(GENERATORS)) written.push(...(await writeFiles(root, await g(root))));
console.log(written);
