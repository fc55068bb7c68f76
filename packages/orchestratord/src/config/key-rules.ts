// SPDX-License-Identifier: MIT
import type { KeyId, KeyRules } from '@llama-orch/orchestrator-core';
import type { KeyRing } from './key-file.ts';

/** What a key may have of a queue. */
export type KeyRulesOf = (keyId: KeyId) => KeyRules | undefined;

/** The rules of keys that may change while queues ask for them. */
export interface ChangingKeyRules {
  readonly of: KeyRulesOf;
  replace(keys: KeyRing): void;
}

/** Begins with the keys of a file. */
export function createKeyRules(keys: KeyRing | undefined): ChangingKeyRules {
  let rules = rulesOf(keys);
  return {
    of: (keyId) => rules.get(keyId),
    replace(ring) {
      rules = rulesOf(ring);
    },
  };
}

function rulesOf(keys: KeyRing | undefined): ReadonlyMap<KeyId, KeyRules> {
  return new Map((keys?.specs ?? []).map((spec) => [spec.id, spec]));
}
