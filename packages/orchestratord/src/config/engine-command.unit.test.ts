// SPDX-License-Identifier: MIT
import type { Pool } from '@llama-orch/config-schema';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { engineCommand } from './engine-command.ts';

function serverArgs(pool: Partial<Pool>): readonly string[] | undefined {
  return engineCommand({ adapter: 'llamacpp-http', ...pool } as Pool)?.args.slice(6);
}

verifies('ORCH-1402', 'a llama.cpp server is told of slots and context as far as the pool names them', () => {
  expect(serverArgs({})).toEqual([]);
  expect(serverArgs({ slots: 2 })).toEqual(['--parallel', '{slots}']);
  expect(serverArgs({ slots: 2, ctx_max: 512 })).toEqual(['--parallel', '{slots}', '--ctx-size', '{ctx_total}']);
  expect(serverArgs({ ctx_max: 512 })).toEqual(['--parallel', '1', '--ctx-size', '{ctx}']);
});
