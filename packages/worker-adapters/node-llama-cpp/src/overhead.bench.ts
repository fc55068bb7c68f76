// SPDX-License-Identifier: MIT
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { tinyModelPath } from '@llama-orch/tiny-model';
import { getLlama, LlamaCompletion, type LlamaContextSequence } from 'node-llama-cpp';
import { greedy, never, request, settledHealth } from './__fixtures__/ready-adapter.ts';
import { createNodeLlamaCppAdapter } from './node-llama-cpp-adapter.ts';

// Run on plain Node: node --conditions=@llama-orch/source src/overhead.bench.ts
// Compares tokens per second through the adapter with node-llama-cpp called directly, interleaved in one process, and
// reports how long the event loop of the main thread was held up.

const ROUNDS = 24;
const MAX_TOKENS = 400;
const PROMPT = 'haiku about forty-two:\n';
const SAMPLING = { ...greedy, temperature: 0.9, seed: 11 };
const NEVER_ENDING = 'root ::= [a-z ] root';

const delay = monitorEventLoopDelay({ resolution: 1 });
const phases: Record<string, { readonly maxMs: number; readonly p99Ms: number }> = {};
function endPhase(name: string): void {
  phases[name] = { maxMs: delay.max / 1e6, p99Ms: delay.percentile(99) / 1e6 };
  delay.reset();
}

async function tokensPerSecond(generate: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  const tokenCount = await generate();
  return (tokenCount / (performance.now() - startedAt)) * 1_000;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

delay.enable();
const adapter = createNodeLlamaCppAdapter({ modelPath: tinyModelPath });
await settledHealth(adapter);
endPhase('adapter loads');

async function throughAdapter(): Promise<number> {
  const end = await adapter.run(
    request({
      input: { workload: 'completion', prompt: PROMPT },
      sampling: SAMPLING,
      maxTokens: MAX_TOKENS,
      responseFormat: { type: 'grammar', grammar: NEVER_ENDING },
    }),
    { onTokens: () => undefined },
    never,
  );
  return end.tokensOut;
}
await throughAdapter();
endPhase('adapter generates');

const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true });
const model = await llama.loadModel({ modelPath: tinyModelPath });
const context = await model.createContext({ contextSize: 512, threads: 1 });
const sequence: LlamaContextSequence = context.getSequence();
endPhase('direct loads');

async function direct(): Promise<number> {
  await sequence.clearHistory();
  let tokenCount = 0;
  await new LlamaCompletion({ contextSequence: sequence }).generateCompletionWithMeta(PROMPT, {
    seed: SAMPLING.seed,
    temperature: SAMPLING.temperature,
    topP: SAMPLING.topP,
    topK: SAMPLING.topK,
    minP: SAMPLING.minP,
    repeatPenalty: false,
    maxTokens: MAX_TOKENS,
    grammar: await llama.createGrammar({ grammar: NEVER_ENDING }),
    onTextChunk: () => undefined,
    onToken: (tokens) => (tokenCount += tokens.length),
  });
  return tokenCount;
}
await direct();
endPhase('direct generates');

const ratios: number[] = [];
const speeds = { adapter: [] as number[], direct: [] as number[] };
for (let round = 0; round < ROUNDS; round += 1) {
  // The order turns around every round, so that drift of the machine hits both alike.
  const order = round % 2 === 0 ? (['direct', 'adapter'] as const) : (['adapter', 'direct'] as const);
  const measured = { adapter: 0, direct: 0 };
  for (const name of order) measured[name] = await tokensPerSecond(name === 'direct' ? direct : throughAdapter);
  speeds.adapter.push(measured.adapter);
  speeds.direct.push(measured.direct);
  ratios.push(measured.adapter / measured.direct);
}
await adapter.close();
await llama.dispose();

console.log(
  JSON.stringify(
    {
      rounds: ROUNDS,
      tokensPerRound: MAX_TOKENS,
      medianTokensPerSecond: { adapter: median(speeds.adapter), direct: median(speeds.direct) },
      medianRatio: median(ratios),
      eventLoopDelay: phases,
    },
    undefined,
    2,
  ),
);
