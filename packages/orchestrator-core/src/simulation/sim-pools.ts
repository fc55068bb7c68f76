// SPDX-License-Identifier: MIT
import type { WorkerAdapter, WorkerProps } from '@llama-orch/worker-adapter-api';
import type { PoolSpec, ReplicaSpec } from '../orchestrator-api.ts';
import type { FullPolicy, QueueLimits } from '../queue/task-queue.ts';
import type { PoolId, ReplicaId } from '../task/ids.ts';
import type { FakeClock } from '../testkit/fake-clock.ts';
import { SeededRandom } from '../testkit/seeded-random.ts';
import type { Mutant } from './mutants.ts';
import { SimEngine, type EngineLedger } from './sim-engine.ts';

/** How long an aborted engine may take to free its slot, in milliseconds. */
export const ABORT_GRACE_MS = 300;
const POLICIES: readonly FullPolicy[] = ['reject', 'drop-lru', 'shed-low-priority'];
/** Longer than a job takes that goes well. */
const WATCHDOG = { wallMs: 8_000, idleMs: 2_000, firstTokenMs: 4_000 };

/** Where the engines of one run are made. */
export interface EngineWorkshop {
  readonly clock: FakeClock;
  readonly ledger: EngineLedger;
  readonly mutant: Mutant | undefined;
  /** Takes the engines that are made. */
  readonly engines: SimEngine[];
  /** Share of jobs and probes that meet a fault. */
  readonly faultRatio: number;
}

/** One or two pools of one or two engines. */
export function buildPools(workshop: EngineWorkshop, random: SeededRandom): readonly PoolSpec[] {
  return Array.from({ length: 1 + random.below(2) }, (_, index): PoolSpec => {
    const id = `pool-${index}` as PoolId;
    const limits = buildLimits(random);
    const replicas = Array.from({ length: 1 + random.below(2) }, () => makeReplica(workshop, id, random));
    const watchdog = random.pick([{}, WATCHDOG]);
    return { id, modelRefs: [`model-${index}`], replicas, limits, maxTokensOut: 16, watchdog };
  });
}

/** A further engine of a pool. */
export function makeReplica(workshop: EngineWorkshop, poolId: PoolId, random: SeededRandom): ReplicaSpec {
  const { clock, ledger, mutant, engines, faultRatio } = workshop;
  const name = `${poolId}-replica-${engines.length}`;
  const engine = new SimEngine({
    name,
    poolId,
    clock,
    props: buildProps(random, faultRatio),
    random: new SeededRandom(random.nextUint32()),
    ledger,
    abortGraceMs: ABORT_GRACE_MS,
    faultRatio,
    refusalRatio: faultRatio > 0 && random.below(8) === 0 ? 0.7 : 0,
    managed: random.below(2) === 0,
  });
  engines.push(engine);
  const adapter: WorkerAdapter = mutant?.adapter?.(engine) ?? engine;
  return { id: name as ReplicaId, adapter };
}

function buildLimits(random: SeededRandom): QueueLimits {
  return {
    maxTasks: { interactive: 1 + random.below(12), batch: 1 + random.below(12) },
    maxBytes: random.pick([4_000, 1_000_000]),
    fullPolicy: random.pick(POLICIES),
    interactiveBurst: 1 + random.below(4),
  };
}

function buildProps(random: SeededRandom, faultRatio: number): WorkerProps {
  return {
    engine: 'simulated',
    engineVersion: random.ratio() < faultRatio * 0.2 ? '2' : '1',
    modelId: 'sim-model',
    modelDigest: undefined,
    slots: 1 + random.below(3),
    ctxMaxTokens: 64,
    workloads: ['completion', 'chat'],
    slotMode: 'isolated',
    features: { determinism: 'strict', jsonSchema: true, grammar: false, tools: false, sessionReuse: true },
  };
}
