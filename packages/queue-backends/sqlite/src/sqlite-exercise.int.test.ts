// SPDX-License-Identifier: MIT
import { test } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { exerciseTaskQueue, type AcquireQueue } from '@llama-orch/orchestrator-core/testkit';
import { openStore, temporaryDirectory } from './__fixtures__/test-store.ts';

const acquire: AcquireQueue = async (limits) => {
  const directory = await temporaryDirectory();
  const backend = await openStore(directory.path, { limits });
  return {
    handles: [backend.queue],
    async [Symbol.asyncDispose]() {
      await backend.close();
      await directory[Symbol.asyncDispose]();
    },
  };
};

exerciseTaskQueue((ids, title, body) => verifies(['ORCH-1201', ...[ids].flat()], title, body), acquire, {
  lacks: { 'lease-expiry': 'leases end with the process that holds the directory, and a new one recovers their tasks' },
  skip: (title) => test.skip(title),
});
