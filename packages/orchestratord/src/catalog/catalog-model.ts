// SPDX-License-Identifier: MIT
import { formatReference, parseReference } from '@llama-orch/catalog';

/** Whether a pool's model is a reference to the catalog, and not a path or a name of the engine's own. */
export function isCatalogModel(model: string): boolean {
  return /^(?:file|hf|https):/i.test(model);
}

/** A reference in its one form; what is none as it is. */
export function canonicalModel(model: string): string {
  try {
    return formatReference(parseReference(model));
  } catch {
    // A name of the engine's own.
    return model;
  }
}

/** Whether a reference to the catalog can be read. */
export function isReadableModel(model: string): boolean {
  try {
    parseReference(model);
    return true;
  } catch {
    // What is wrong is told by whoever asked.
    return false;
  }
}
