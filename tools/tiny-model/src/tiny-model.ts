// SPDX-License-Identifier: MIT
import { fileURLToPath } from 'node:url';

/**
 * Absolute path of the haiku model, a GGUF of 2.4 MB that ships inside this package. `MODEL_CARD.md` says what it can do.
 */
export const tinyModelPath: string = fileURLToPath(new URL('../models/haiku-tiny.gguf', import.meta.url));

/** Digest of the file at {@link tinyModelPath}, as `sha256:<64 hex digits>`. */
export const tinyModelDigest = 'sha256:886be79a50918dc6ce03f470e4a6bdaae972d318c0c6d088766caf6e28906d30';
