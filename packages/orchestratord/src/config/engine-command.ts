// SPDX-License-Identifier: MIT
import type { Pool } from '@llama-orch/config-schema';

/** How an engine is started; words in braces are filled in by who starts it. */
export interface EngineCommand {
  /** A program on PATH, or the path of one. */
  readonly command: string;
  readonly args: readonly string[];
}

/** How each engine is usually started. Slots and context are left to the engine where the pool names none. */
const USUAL: Partial<Record<string, (pool: Pool) => EngineCommand>> = {
  'llamacpp-http': (pool) => ({
    command: 'llama-server',
    args: [
      ...['--model', '{model}', '--host', '127.0.0.1', '--port', '{port}'],
      // The server divides the context that it is given among its slots; without a number of them there is one.
      ...(pool.slots === undefined
        ? given(pool.ctx_max, '--parallel', '1', '--ctx-size', '{ctx}')
        : ['--parallel', '{slots}', ...given(pool.ctx_max, '--ctx-size', '{ctx_total}')]),
    ],
  }),
  vllm: (pool) => ({
    command: 'vllm',
    args: [
      ...['serve', '{model}', '--host', '127.0.0.1', '--port', '{port}'],
      ...given(pool.slots, '--max-num-seqs', '{slots}'),
      ...given(pool.ctx_max, '--max-model-len', '{ctx}'),
      ...(pool.split ? ['--tensor-parallel-size', '{device_count}'] : []),
    ],
  }),
  tgi: (pool) => ({
    command: 'text-generation-launcher',
    args: [
      ...['--model-id', '{model}', '--hostname', '127.0.0.1', '--port', '{port}'],
      ...given(pool.slots, '--max-concurrent-requests', '{slots}'),
      ...given(pool.ctx_max, '--max-total-tokens', '{ctx}'),
      ...(pool.split ? ['--num-shard', '{device_count}'] : []),
    ],
  }),
  triton: () => ({
    command: 'tritonserver',
    args: [
      // The pool names one model; the repository it lies in is an extra argument.
      ...['--http-address', '127.0.0.1', '--http-port', '{port}'],
      ...['--allow-grpc=false', '--allow-metrics=false'],
    ],
  }),
};

/** Programs of all engines that are usually started by name. */
export const ENGINE_PROGRAMS: readonly string[] = ['llama-server', 'vllm', 'text-generation-launcher', 'tritonserver'];

/** The command of a pool's engine: the usual one, with what the pool says in its place; undefined without a program. */
export function engineCommand(pool: Pool): EngineCommand | undefined {
  const usual = USUAL[pool.adapter]?.(pool);
  const { command = usual?.command, args = usual?.args ?? [], extra_args: extra = [] } = pool.engine ?? {};
  return command === undefined ? undefined : { command, args: [...args, ...extra] };
}

function given(value: number | undefined, ...args: readonly string[]): readonly string[] {
  return value === undefined ? [] : args;
}
