// SPDX-License-Identifier: MIT
import { isUtf8 } from 'node:buffer';
import { protocolFault } from './map-http-fault.ts';

/** Bytes of the longest character that can be cut in two. */
const LONGEST_TAIL_BYTES = 3;

/** Decodes UTF-8 that arrives in packets cut anywhere; a character cut in two waits for its rest. */
export class Utf8Stream {
  #tail: Buffer | undefined;

  /**
   * Text of all characters complete by now.
   *
   * @throws OrchError WORKER_RESET for bytes that are not UTF-8.
   */
  decode(chunk: Uint8Array): string {
    let bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#tail !== undefined) bytes = Buffer.concat([this.#tail, bytes]);
    const cut = bytes.length - incompleteTailBytes(bytes);
    this.#tail = cut === bytes.length ? undefined : Buffer.from(bytes.subarray(cut));
    const whole = cut === bytes.length ? bytes : bytes.subarray(0, cut);
    // ORCH-4052: replacement characters would change what the model wrote, so bytes that are not text are a fault.
    if (!isUtf8(whole)) throw protocolFault('not_utf8');
    return whole.toString('utf8');
  }

  /** Whether a character is still waiting for its last bytes. */
  get isMidCharacter(): boolean {
    return this.#tail !== undefined;
  }
}

function incompleteTailBytes(bytes: Buffer): number {
  const first = Math.max(0, bytes.length - LONGEST_TAIL_BYTES);
  for (let at = bytes.length - 1; at >= first; at -= 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return bytes.length - at < length ? bytes.length - at : 0;
    }
  }
  return 0;
}
