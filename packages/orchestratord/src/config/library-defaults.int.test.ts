// SPDX-License-Identifier: MIT
import { DEFAULT_OPTIONS, DEFAULT_QUEUE_LIMITS } from '@llama-orch/orchestrator-core';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { queueLimits, sessionRules } from './core-limits.ts';
import { loadConfig } from './load-config.ts';
import { timeLimits } from './watchdog-limits.ts';

verifies('ORCH-3486', 'the defaults of the library are those of the service', () => {
  const { config, samplerProfiles } = loadConfig({ env: {} });
  const { abortGraceMs, liveIntervalMs, probeIntervalMs, sessions, ...rest } = DEFAULT_OPTIONS;
  const times = { abortGraceMs, liveIntervalMs, probeIntervalMs };
  expect(DEFAULT_QUEUE_LIMITS).toEqual(queueLimits(config));
  expect(timeLimits(config)).toMatchObject(times);
  expect(sessionRules(config)).toMatchObject(sessions);
  expect(rest).toEqual({
    samplerProfiles: samplerProfiles.slice(0, 1),
    streamBufferBytes: config.stream.buffer_bytes,
    retention: { endedTasks: config.retention.ended_tasks, transcriptBytes: config.retention.transcript_bytes },
  });
});
