// SPDX-License-Identifier: MIT
import type { TokenSink } from '@llama-orch/worker-adapter-api';
import { endlessRequest, never, startAdapter } from './ready-adapter.ts';

// Run as a process of its own: it exits with 7 while two generations are under way.
const adapter = await startAdapter({ slots: 2 });
let callCount = 0;
const sink: TokenSink = {
  onTokens() {
    callCount += 1;
    if (callCount === 20) process.exit(7);
  },
};
await Promise.all([1, 2].map(() => adapter.run(endlessRequest(), sink, never)));
