// SPDX-License-Identifier: MIT
import type { VerifyOutcome } from '../catalog.ts';
import { checkModelFile, type CheckOptions } from '../gguf/check-model-file.ts';
import type { ModelFacts } from '../gguf/model-facts.ts';
import { digestFile, identifyFile, type FileIdentity } from './digest-file.ts';

/** What a file is said to be. */
export interface KnownFile {
  readonly path?: string;
  readonly digest?: string;
}

/** What a verification found, and what it read where it matched. */
export interface Verified {
  readonly outcome: VerifyOutcome;
  readonly found?: { readonly file: FileIdentity; readonly facts: ModelFacts };
}

/** Why a model is not loaded any more, by outcome. */
export const VERIFY_FAULTS: Readonly<Record<VerifyOutcome, string | undefined>> = {
  match: undefined,
  mismatch: 'The file is not what it was: its digest has changed.',
  missing: 'The file is gone.',
  invalid: 'The header of the file is not sound.',
};

/** Reads a file again; ORCH-1632. */
export async function verifyFile({ path, digest }: KnownFile, options: CheckOptions): Promise<Verified> {
  if (path === undefined || (await identifyFile(path)) === undefined) return { outcome: 'missing' };
  const read = await digestFile(path, options.signal);
  if (read.digest !== digest) return { outcome: 'mismatch' };
  const { facts } = await checkModelFile(path, options);
  return facts === undefined ? { outcome: 'invalid' } : { outcome: 'match', found: { file: read.file, facts } };
}
