// SPDX-License-Identifier: MIT
// Writes a proof bundle below .proof/, or below the folder given with --out; exits with 1 when a promise was broken.
import { parseArgs } from 'node:util';
import { writeProofBundle } from '../../test-harness/bdd/src/index.ts';

const { values } = parseArgs({ options: { out: { type: 'string', default: '.proof' } } });
const { folder, findings } = await writeProofBundle(values.out);
for (const { kept, id, promise } of findings) console.log(`${kept ? 'kept  ' : 'BROKEN'} ${id} ${promise}`);
console.log(`written to ${folder}`);
process.exitCode = findings.every(({ kept }) => kept) ? 0 : 1;
