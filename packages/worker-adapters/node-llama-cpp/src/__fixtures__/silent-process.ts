// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { runToEnd, startAdapter } from './ready-adapter.ts';

// Run as a process of its own: everything it prints is a fault.
const logged: string[] = [];
// Beyond the context of its training the engine warns, and it complains about left recursion.
const adapter = await startAdapter({ ctxMaxTokens: 1_024, onLog: (_level, message) => logged.push(message) });
await runToEnd(adapter);
for (const grammar of ['root ::= foo', 'root ::= root "a"', 'nonsense', 'root ::= "a"{99999}']) {
  await assert.rejects(runToEnd(adapter, { responseFormat: { type: 'grammar', grammar } }));
}
await adapter.close();
assert.ok(logged.some((message) => message.includes('n_ctx')));
assert.ok(logged.some((message) => message.includes('left recursion')));
