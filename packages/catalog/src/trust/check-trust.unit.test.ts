// SPDX-License-Identifier: MIT
import { generateKeyPairSync, sign } from 'node:crypto';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { checkTrust } from './check-trust.ts';

const digest = `sha256:${'ab'.repeat(32)}`;
const keys = generateKeyPairSync('ed25519');
const trustedKeys = [keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()];
const signature = sign(null, Buffer.from(digest), keys.privateKey).toString('base64');
const sbom = { bomFormat: 'CycloneDX', components: [{ hashes: [{ alg: 'SHA-256', content: 'ab'.repeat(32) }] }] };
const spdx = { files: [{ checksums: [{ algorithm: 'SHA256', checksumValue: 'AB'.repeat(32) }] }] };
const UNTRUSTED = expect.objectContaining({ code: 'UNTRUSTED_ARTIFACT' }) as unknown;

verifies('ORCH-1633', 'what is missing is a warning under permissive, and refused under strict', () => {
  expect(checkTrust({ digest }, {})).toEqual(['The model has no signature.', 'The model has no bill of materials.']);
  expect(checkTrust({ digest, signature }, { trustedKeys })).toEqual(['The model has no bill of materials.']);
  for (const given of [{ digest }, { digest, signature }, { digest, sbom }]) {
    expect(() => checkTrust(given, { trust: 'strict', trustedKeys })).toThrow(UNTRUSTED);
  }
  for (const list of [sbom, spdx]) {
    expect(checkTrust({ digest, signature, sbom: list }, { trust: 'strict', trustedKeys })).toEqual([]);
  }
});

verifies(['ORCH-1633', 'ORCH-1612'], 'what is given and wrong is refused under both', () => {
  const other = `sha256:${'cd'.repeat(32)}`;
  const stranger = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  for (const trust of ['permissive', 'strict'] as const) {
    const rules = { trust, trustedKeys };
    expect(() => checkTrust({ digest, signature, sbom, expectedDigest: other }, rules)).toThrow(UNTRUSTED);
    expect(() => checkTrust({ digest: other, signature, sbom: undefined }, rules)).toThrow(UNTRUSTED);
    expect(() => checkTrust({ digest, signature: 'AAAA', sbom }, rules)).toThrow(UNTRUSTED);
    expect(() => checkTrust({ digest, signature, sbom }, { trust, trustedKeys: [stranger] })).toThrow(UNTRUSTED);
    expect(() => checkTrust({ digest, signature, sbom }, { trust })).toThrow(UNTRUSTED);
    for (const list of [
      {},
      [],
      'sbom',
      null,
      { components: [{ hashes: [{ alg: 'MD5', content: 'ab'.repeat(32) }] }] },
    ]) {
      expect(() => checkTrust({ digest, signature, sbom: list }, rules)).toThrow(UNTRUSTED);
    }
  }
});
