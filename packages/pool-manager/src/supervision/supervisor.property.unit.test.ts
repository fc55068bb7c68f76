// SPDX-License-Identifier: MIT
import { propertyRun, verifies } from '@llama-orch/test-kit';
import fc from 'fast-check';
import { expect } from 'vitest';
import { FAKE_PROPS, replicaRig, TASK, type FakeEngine, type ReplicaRig } from '../__fixtures__/fake-engines.ts';
import { engineFault } from '../engine-fault.ts';

const never = new AbortController().signal;

/** Something that happens to a replica, by itself or by somebody's will. */
type Step =
  | 'load'
  | 'load-once'
  | 'unload'
  | 'restart'
  | 'kick'
  | 'run'
  | 'finish'
  | 'exit'
  | 'device-memory'
  | 'freeze'
  | 'thaw'
  | 'cannot-start'
  | 'can-start'
  | 'stubborn'
  | 'release'
  | 'turn'
  | 'moment'
  | 'while'
  | 'long';

const STEPS: readonly Step[] = [
  ...(['load', 'load-once', 'unload', 'restart', 'kick', 'run', 'finish', 'exit', 'device-memory', 'freeze'] as const),
  ...(['thaw', 'cannot-start', 'can-start', 'stubborn', 'release', 'turn', 'moment', 'while', 'long'] as const),
];
const PASSING_MS: Readonly<Partial<Record<Step, number>>> = { turn: 0, moment: 300, while: 20_000, long: 400_000 };

/** A replica to which things happen, with everything it has promised so far. */
class Story {
  readonly rig: ReplicaRig = replicaRig({ capacity: { slots: 2, ctxMaxTokens: 1_024 } });
  readonly promises: Promise<unknown>[] = [];

  get last(): FakeEngine | undefined {
    return this.rig.launcher.engines.at(-1);
  }

  async happen(step: Step): Promise<void> {
    const { rig, last } = this;
    const { replica, launcher } = rig;
    const acts: Readonly<Partial<Record<Step, () => unknown>>> = {
      load: () => this.#expect(replica.load()),
      'load-once': () => this.#expect(replica.load({ attemptCount: 1 })),
      unload: () => this.#expect(replica.unload()),
      restart: () => this.#expect(replica.restart()),
      kick: () => replica.adapter.restart?.(),
      run: () => this.#expect(replica.adapter.run(TASK, { onTokens: () => undefined }, never)),
      finish: () => last?.adapter.generations.at(-1)?.end(),
      exit: () => last?.exit(),
      'device-memory': () => last?.exit('device_memory'),
      freeze: () => last && (last.adapter.health = undefined),
      thaw: () => last && (last.adapter.health = { state: 'ready', props: FAKE_PROPS }),
      'cannot-start': () => (launcher.fault = engineFault('not_startable', 'It cannot be started.')),
      'can-start': () => (launcher.fault = undefined),
      stubborn: () => last && (last.obeys = false),
      release: () => launcher.engines.forEach((engine) => engine.release()),
    };
    acts[step]?.();
    const passingMs = PASSING_MS[step];
    if (passingMs !== undefined) await rig.clock.advance(passingMs);
  }

  /** What holds at every moment. */
  check(): void {
    const { launcher, logger, replica } = this.rig;
    const alive = launcher.engines.filter(({ isGone }) => !isGone);
    expect(alive.length).toBeLessThanOrEqual(1);
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
    if (replica.view().state === 'stopped') expect(alive).toEqual([]);
    if (replica.view().state === 'ready') expect(alive).toEqual([this.last]);
  }

  /** Everything ends, and everything that was promised is settled. */
  async end(): Promise<void> {
    const { clock, launcher, replica } = this.rig;
    for (const engine of launcher.engines) engine.release();
    await replica.close();
    expect(launcher.engines.every(({ isGone }) => isGone)).toBe(true);
    expect(replica.view().state).toBe('stopped');
    await clock.advance(0);
    expect(clock.pendingCount).toBe(0);
    await Promise.all(this.promises);
  }

  #expect(promise: Promise<unknown>): void {
    this.promises.push(promise.catch(() => undefined));
  }
}

verifies(
  ['ORCH-1405', 'ORCH-1410'],
  'whatever happens, a replica has one engine at most, moves along its table and leaves nothing behind',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 40 }), async (steps) => {
        const story = new Story();
        for (const step of steps) {
          await story.happen(step);
          story.check();
        }
        await story.end();
      }),
      { ...propertyRun, numRuns: 300 },
    );
  },
);
