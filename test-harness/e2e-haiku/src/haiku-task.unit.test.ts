// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { haikuTask, minuteInWords, runTimeWords } from './haiku-task.ts';
import { requireRealEngine } from './require-real-engine.ts';

verifies('ORCH-8201', 'the words are made at run time and stand in the prompt', () => {
  expect([0, 13, 20, 42, 59].map(minuteInWords)).toEqual(['zero', 'thirteen', 'twenty', 'forty-two', 'fifty-nine']);
  expect(runTimeWords(new Date(2026, 0, 1, 12, 42)).minute).toBe('forty-two');
  const nonces = new Set(Array.from({ length: 100 }, () => runTimeWords().nonce));
  expect(nonces.size).toBeGreaterThan(50);
  for (const nonce of nonces) expect(nonce).toMatch(/^[a-z]{3}[aiou]$/);
  const { request, words } = haikuTask();
  expect(request.messages?.[0]?.content).toContain(`"${words.minute}"`);
  expect(request.messages?.[0]?.content).toContain(words.nonce);
});

verifies('ORCH-8202', 'a mock is refused when a real engine is required, and only then', () => {
  expect(() => requireRealEngine({ engine: 'mock' }, { REQUIRE_REAL_LLAMA: '1' })).toThrow('mock');
  expect(() => requireRealEngine({ engine: 'node-llama-cpp' }, { REQUIRE_REAL_LLAMA: '1' })).not.toThrow();
  expect(() => requireRealEngine({ engine: 'mock' }, {})).not.toThrow();
});
