// SPDX-License-Identifier: MIT
import type { Config } from '@llama-orch/config-schema';
import type { PoolId, PoolSpec, QueueLimits, ReplicaId } from '@llama-orch/orchestrator-core';
import { poolPrice } from '../config/core-limits.ts';
import { given } from '../config/given.ts';
import { poolProfileVersion } from '../config/sampler-profiles.ts';
import { watchdogLimits } from '../config/watchdog-limits.ts';
import type { Crew } from './crew.ts';

/** A pool in the words of the core. */
export function poolSpec({ section, replicas }: Crew, config: Config, limits: QueueLimits): PoolSpec {
  const { model, model_refs: refs, pins } = section;
  return given({
    id: section.id as PoolId,
    replicas: replicas.map(({ id, adapter }) => ({ id: id as ReplicaId, adapter })),
    limits,
    modelRefs: model === undefined ? refs : [model, ...refs],
    maxTokensOut: section.max_tokens_out,
    ...poolPrice(section),
    defaultProfileVersion: poolProfileVersion(section),
    pins:
      pins &&
      given({
        engineVersion: pins.engine_version,
        modelDigest: pins.model_digest,
        samplerProfileVersion: pins.sampler_profile_version,
      }),
    watchdog: watchdogLimits(config, section),
  });
}
