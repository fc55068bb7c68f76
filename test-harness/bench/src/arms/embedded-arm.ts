// SPDX-License-Identifier: MIT
import { ServiceUnderTest } from '@llama-orch/harness-bdd';
import { tinyModelPath } from '@llama-orch/tiny-model';
import { getLlama, LlamaCompletion, type Llama, type LlamaContextSequence } from 'node-llama-cpp';
import { LoadClient } from '../load/http-client.ts';
import { median } from '../measure/median.ts';

/** The embedded engine called directly, and through the whole service. */
export interface EmbeddedRow {
  readonly backend: 'memory' | 'sqlite';
  readonly tokens: number;
  readonly directTokensPerSecond: number;
  readonly serviceTokensPerSecond: number;
  /** Median of the ratios of each round. */
  readonly ratio: number;
}

const PROMPT = 'haiku about forty-two:\n';
const SAMPLING = { temperature: 0.9, topP: 0.95, topK: 40, minP: 0.05, seed: 11 };
/** Keeps the model writing, so that both ways count the same number of tokens. */
const NEVER_ENDING = 'root ::= [a-z ] root';

/** Generates the same tokens both ways, round by round in turn. */
export async function measureEmbedded({
  backend,
  tokens,
  rounds,
}: Pick<EmbeddedRow, 'backend' | 'tokens'> & { readonly rounds: number }): Promise<EmbeddedRow> {
  const service = await ServiceUnderTest.start({
    entry: 'built',
    config: { store: { backend }, pools: [{ id: 'main', adapter: 'node-llama-cpp', max_tokens_out: tokens }] },
  });
  const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true });
  try {
    await service.ready();
    const client = new LoadClient(service.baseUrl);
    const model = await llama.loadModel({ modelPath: tinyModelPath });
    const context = await model.createContext({ contextSize: 512, threads: 1 });
    const sequence = context.getSequence();
    const ways = [
      () => generateDirectly(llama, sequence, tokens),
      () => generateThroughService(client, tokens),
    ] as const;
    for (const way of ways) await way();
    const rates: (readonly [number, number])[] = [];
    for (let round = 0; round < rounds; round++) {
      // The order turns around every round, so that drift of the machine hits both alike.
      const flip = round % 2;
      const first = await rateOf(ways[flip === 0 ? 0 : 1]);
      const second = await rateOf(ways[flip === 0 ? 1 : 0]);
      rates.push(flip === 0 ? [first, second] : [second, first]);
    }
    client.close();
    return {
      backend,
      tokens,
      directTokensPerSecond: median(rates.map(([direct]) => direct)),
      serviceTokensPerSecond: median(rates.map(([, through]) => through)),
      ratio: median(rates.map(([direct, through]) => through / direct)),
    };
  } finally {
    await llama.dispose();
    await service.stop();
  }
}

async function rateOf(generate: () => Promise<number>): Promise<number> {
  const startMs = performance.now();
  const tokens = await generate();
  return (tokens / (performance.now() - startMs)) * 1000;
}

async function generateDirectly(llama: Llama, sequence: LlamaContextSequence, maxTokens: number): Promise<number> {
  await sequence.clearHistory();
  let tokenCount = 0;
  await new LlamaCompletion({ contextSequence: sequence }).generateCompletionWithMeta(PROMPT, {
    ...SAMPLING,
    repeatPenalty: false,
    maxTokens,
    grammar: await llama.createGrammar({ grammar: NEVER_ENDING }),
    onTextChunk: () => undefined,
    onToken: (tokens) => (tokenCount += tokens.length),
  });
  return tokenCount;
}

async function generateThroughService(client: LoadClient, maxTokens: number): Promise<number> {
  const { topP, topK, minP, ...sampling } = SAMPLING;
  const body = JSON.stringify({
    prompt: PROMPT,
    max_tokens: maxTokens,
    ...sampling,
    top_p: topP,
    top_k: topK,
    min_p: minP,
    response_format: { type: 'grammar', grammar: NEVER_ENDING },
  });
  let answer = '';
  const status = await client.exchange('/v1/tasks', body, (text) => (answer += text));
  if (status !== 202) throw new Error(`the submit was answered ${status}: ${answer}`);
  let stream = '';
  const { task_id: taskId } = JSON.parse(answer) as { task_id: string };
  await client.exchange(`/v1/tasks/${taskId}/stream`, undefined, (text) => (stream += text));
  const [, tokensOut] = /"tokens_out":(\d+)/.exec(stream) ?? [];
  if (tokensOut === undefined) throw new Error(`the stream had no end: ${stream.slice(-500)}`);
  return Number(tokensOut);
}
