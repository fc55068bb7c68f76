// SPDX-License-Identifier: MIT
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { OrchError } from '@llama-orch/worker-adapter-api';

/** How strict the catalog is; ORCH-1633. */
export interface TrustRules {
  /** `strict` refuses what is not signed and listed, `permissive` warns; default permissive. */
  readonly trust?: 'permissive' | 'strict' | undefined;
  /** Ed25519 public keys in PEM whose signatures count; default none. */
  readonly trustedKeys?: readonly string[] | undefined;
}

/** What a model brings to be trusted. */
export interface Credentials {
  /** What the file is. */
  readonly digest: string;
  readonly expectedDigest?: string | undefined;
  readonly signature?: string | undefined;
  readonly sbom?: unknown;
}

/**
 * Judges a model. What is given and wrong is fatal under every policy; what is missing only under `strict`.
 *
 * @returns Warnings.
 * @throws OrchError UNTRUSTED_ARTIFACT.
 */
export function checkTrust(
  given: Credentials,
  { trust = 'permissive', trustedKeys = [] }: TrustRules,
): readonly string[] {
  const { digest, expectedDigest, signature, sbom } = given;
  // ORCH-1612
  if (expectedDigest !== undefined && expectedDigest !== digest) {
    throw untrusted('The file has another digest than was asked for.', { expected: expectedDigest, found: digest });
  }
  if (signature !== undefined && !isSigned(digest, signature, trustedKeys.map(createPublicKey))) {
    throw untrusted('No trusted key has made this signature.');
  }
  if (sbom !== undefined && !namesDigest(sbom, digest.slice('sha256:'.length))) {
    throw untrusted('The bill of materials does not name the digest of this file.');
  }
  const missing = [
    ...(signature === undefined ? ['The model has no signature.'] : []),
    ...(sbom === undefined ? ['The model has no bill of materials.'] : []),
  ];
  if (trust === 'strict' && missing.length > 0) throw untrusted(missing.join(' '));
  return missing;
}

function isSigned(digest: string, signature: string, keys: readonly KeyObject[]): boolean {
  const bytes = Buffer.from(signature, 'base64');
  return keys.some((key) => key.asymmetricKeyType === 'ed25519' && verify(null, Buffer.from(digest), key, bytes));
}

/** CycloneDX: `components[].hashes[]` of `SHA-256`; SPDX: `files[]` or `packages[]` with `checksums[]` of `SHA256`. */
function namesDigest(sbom: unknown, hex: string): boolean {
  const hashes = [
    ...listOf(sbom, 'components').flatMap((component) => listOf(component, 'hashes')),
    ...[...listOf(sbom, 'files'), ...listOf(sbom, 'packages')].flatMap((file) => listOf(file, 'checksums')),
  ];
  return hashes.some(
    (entry) =>
      isAlgorithm(textOf(entry, 'alg') ?? textOf(entry, 'algorithm')) &&
      (textOf(entry, 'content') ?? textOf(entry, 'checksumValue'))?.toLowerCase() === hex,
  );
}

function isAlgorithm(name: string | undefined): boolean {
  return name === 'SHA-256' || name === 'SHA256';
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = isObject(value) ? value[name] : undefined;
  return Array.isArray(list) ? (list as readonly unknown[]) : [];
}

function textOf(value: unknown, name: string): string | undefined {
  const text = isObject(value) ? value[name] : undefined;
  return typeof text === 'string' ? text : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function untrusted(message: string, details: Readonly<Record<string, string>> = {}): OrchError {
  return new OrchError('UNTRUSTED_ARTIFACT', { message, details });
}
