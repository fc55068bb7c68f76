// SPDX-License-Identifier: MIT
import { hash } from 'node:crypto';

declare const brand: unique symbol;

/** `sha256:` and 64 lower-case hex digits: the digest of the artifact's canonical content. */
export type ArtifactId = string & { readonly [brand]: 'ArtifactId' };

const FORM = /^sha256:[0-9a-f]{64}$/;

/** Whether `text` has the one form an artifact's id has; ORCH-1330. */
export function isArtifactId(text: string): text is ArtifactId {
  return FORM.test(text);
}

/** The id of canonical content. */
export function artifactIdOf(content: Uint8Array): ArtifactId {
  return `sha256:${hash('sha256', content, 'hex')}` as ArtifactId;
}
