// SPDX-License-Identifier: MIT
import type { Gate } from './gates/gate.ts';
import { staleFiles, writeFiles, type FileGenerator } from './generated-file.ts';

/** Where gates and generators work and what they print. */
export interface RunContext {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly print: (line: string) => void;
}

/** Runs gates by name and prints their findings; true when there are none. */
export async function runGates({ root, print }: RunContext, gates: Readonly<Record<string, Gate>>): Promise<boolean> {
  let passed = true;
  for (const [name, gate] of Object.entries(gates)) {
    const findings = await findingsOf(gate, root);
    passed &&= findings.length === 0;
    print(`${findings.length === 0 ? 'ok    ' : 'FAILED'} ${name}`);
    for (const finding of findings) print(`       ${finding}`);
  }
  return passed;
}

/** Runs generators and prints what they wrote. */
export async function runGenerators({ root, print }: RunContext, generators: readonly FileGenerator[]): Promise<void> {
  for (const generator of generators) {
    for (const path of await writeFiles(root, await generator(root))) print(`wrote ${path}`);
  }
}

/** Fails on each file that the generator would write differently, and names the command that mends it. */
export function freshnessGate(command: string, generator: FileGenerator): Gate {
  return async (root) => {
    const stale = await staleFiles(root, await generator(root));
    return stale.map((path) => `${path} is stale; run: npm run xtask ${command}`);
  };
}

/** A gate that cannot do its work has not passed. */
async function findingsOf(gate: Gate, root: string): Promise<readonly string[]> {
  try {
    return await gate(root);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
