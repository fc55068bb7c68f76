// SPDX-License-Identifier: MIT
import { exerciseAdapter } from '@llama-orch/worker-adapter-api/testkit';
import { test } from 'vitest';
import { watchEngineThreads } from './__fixtures__/engine-threads.ts';
import { endlessRequest, request, startAdapter } from './__fixtures__/ready-adapter.ts';

exerciseAdapter(
  test,
  async () => {
    using threads = watchEngineThreads();
    const adapter = await startAdapter({ slots: 2 });
    return {
      adapter,
      brief: request(),
      endless: endlessRequest(),
      refused: request({ responseFormat: { type: 'grammar', grammar: 'root ::= foo' } }),
      stopEngine: () => threads.endAll(),
      [Symbol.asyncDispose]: () => adapter.close(),
    };
  },
  {
    lacks: {
      breakage: 'no request breaks llama.cpp on demand; closing.int.test.ts ends its thread instead',
      observation: 'the engine lives in the process and has no counters of its own',
    },
  },
);
