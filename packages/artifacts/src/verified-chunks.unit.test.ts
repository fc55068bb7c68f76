// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { artifactIdOf } from './artifact-id.ts';
import { verifiedChunks } from './verified-chunks.ts';

const content = Buffer.from('one two three four');
const artifact = { id: artifactIdOf(content), sizeBytes: content.length };

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What came through, and the code of the fault that ended it. */
async function passed(bytes: Uint8Array, size: number): Promise<{ text: string; code: unknown }> {
  let text = '';
  try {
    for await (const chunk of verifiedChunks(inPieces(bytes, size), artifact)) text += Buffer.from(chunk).toString();
    return { text, code: undefined };
  } catch (error) {
    return { text, code: (error as { code: unknown }).code };
  }
}

verifies('ORCH-1332', 'the right content passes as a whole, in pieces of any size', async () => {
  for (const size of [1, 5, content.length, 100]) {
    expect(await passed(content, size)).toEqual({ text: content.toString(), code: undefined });
  }
});

verifies('ORCH-1332', 'of a wrong content the last piece never passes', async () => {
  const flipped = Buffer.from(content);
  flipped[content.length - 1]! ^= 1;
  const longer = Buffer.concat([content, Buffer.from('!')]);
  for (const size of [1, 5, content.length]) {
    for (const wrong of [flipped, content.subarray(0, -1), longer, Buffer.alloc(0)]) {
      const { text, code } = await passed(wrong, size);
      expect(code).toBe('UNTRUSTED_ARTIFACT');
      expect(text.length).toBeLessThan(content.length);
    }
  }
});
