// SPDX-License-Identifier: MIT
export { exampleFits, type Mismatch } from './match-pact.ts';
export { readPacts, type Interaction } from './pact-file.ts';
