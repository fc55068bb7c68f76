// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter, TEST_PROPS, type ManualJob } from '../__fixtures__/manual-adapter.ts';
import { Rig } from '../__fixtures__/rig.ts';
import { SimDisk } from '../simulation/sim-disk.ts';
import type { TaskId } from '../task/ids.ts';
import type { AdmissionAnswer } from '../task/task.ts';

const RESET = new OrchError('WORKER_RESET', { message: 'gone' });
const PROBE_MS = 1_000;

/** One engine with two slots. */
async function startRig(disk?: SimDisk): Promise<Rig> {
  const adapter = new ManualAdapter({ state: 'ready', props: { ...TEST_PROPS, slots: 2 } });
  return new Rig({ disk, adapters: [adapter] }).start();
}

/** The generation of a task that was begun last. */
function jobOf({ adapter }: Rig, { jobId }: AdmissionAnswer): ManualJob {
  const job = adapter.jobs.findLast(({ request }) => request.jobId === jobId);
  if (job === undefined) throw new Error('It was never handed over.');
  return job;
}

async function lose(rig: Rig, ...jobs: readonly ManualJob[]): Promise<void> {
  for (const job of jobs) job.fail(RESET);
  await rig.clock.advance(PROBE_MS);
}

async function stateOf(rig: Rig, id: TaskId): Promise<string> {
  const { state, error } = await rig.view(id);
  return error?.code ?? state;
}

for (const disk of [new SimDisk(), undefined]) {
  const where = disk === undefined ? 'in memory' : 'on disk';
  verifies(['ORCH-1239', 'ORCH-1235'], `a job that kills its engine costs no neighbor its end, ${where}`, async () => {
    const rig = await startRig(disk);
    const good = await rig.accept();
    const poison = await rig.accept();
    const late = await rig.accept();
    for (const round of [1, 2]) {
      expect(rig.adapter.jobs).toHaveLength(2 * round);
      await lose(rig, jobOf(rig, good), jobOf(rig, poison));
    }
    // Either may be the culprit, so the first of them has the engine to itself.
    expect(rig.adapter.jobs).toHaveLength(5);
    expect([await stateOf(rig, good.taskId), await stateOf(rig, poison.taskId)]).toEqual(['running', 'queued']);
    jobOf(rig, good).end();
    await rig.rest();
    expect(rig.adapter.jobs).toHaveLength(6);
    expect([await stateOf(rig, poison.taskId), await stateOf(rig, late.taskId)]).toEqual(['running', 'queued']);
    await lose(rig, jobOf(rig, poison));
    expect(await stateOf(rig, good.taskId)).toBe('completed');
    expect(await stateOf(rig, poison.taskId)).toBe('TASK_POISONED');
    expect(await stateOf(rig, late.taskId)).toBe('running');
    await rig.stop();
  });
}

/** A job that has failed twice beside one that runs on, and one that came last. */
async function startCrowd(): Promise<{
  readonly rig: Rig;
  readonly neighbor: AdmissionAnswer;
  readonly suspect: AdmissionAnswer;
  readonly late: AdmissionAnswer;
}> {
  const rig = await startRig();
  const neighbor = await rig.accept();
  const suspect = await rig.accept({ deadlineMs: 60_000 });
  const late = await rig.accept();
  for (const _ of [1, 2]) await lose(rig, jobOf(rig, suspect));
  return { rig, neighbor, suspect, late };
}

verifies('ORCH-1239', 'it waits until its neighbors are done, and nothing new starts beside it', async () => {
  const { rig, neighbor, suspect, late } = await startCrowd();
  expect(await stateOf(rig, suspect.taskId)).toBe('queued');
  expect(rig.adapter.jobs).toHaveLength(3);
  jobOf(rig, neighbor).end();
  await rig.rest();
  expect([await stateOf(rig, suspect.taskId), await stateOf(rig, late.taskId)]).toEqual(['running', 'queued']);
  expect(rig.meter.total('slots_busy')).toBe(1);
  jobOf(rig, suspect).end();
  await rig.rest();
  expect([await stateOf(rig, suspect.taskId), await stateOf(rig, late.taskId)]).toEqual(['completed', 'running']);
  await rig.stop();
});

verifies(
  'ORCH-1239',
  'while it waits a cancel, its deadline and a stop hold, and then the slots are free',
  async () => {
    for (const [end, state] of [
      [(rig: Rig, id: TaskId) => rig.orchestrator.cancel(id), 'canceled'],
      [(rig: Rig) => rig.clock.advance(60_000), 'DEADLINE_UNMET'],
    ] as const) {
      const { rig, neighbor, suspect, late } = await startCrowd();
      await end(rig, suspect.taskId);
      await rig.rest();
      expect([await stateOf(rig, suspect.taskId), await stateOf(rig, late.taskId)]).toEqual([state, 'running']);
      jobOf(rig, neighbor).end();
      await rig.stop();
      expect(await stateOf(rig, neighbor.taskId)).toBe('completed');
    }
    const { rig, suspect } = await startCrowd();
    await rig.stop();
    expect(await stateOf(rig, suspect.taskId)).toBe('canceled');
  },
);

verifies('ORCH-1239', 'where its engine is lost while it waits, it goes back in line', async () => {
  const { rig, neighbor, suspect } = await startCrowd();
  await lose(rig, jobOf(rig, neighbor));
  expect(await stateOf(rig, suspect.taskId)).toBe('queued');
  // The neighbor, which was lost once, stands before it.
  jobOf(rig, neighbor).end();
  await rig.clock.advance(PROBE_MS);
  expect(await stateOf(rig, suspect.taskId)).toBe('running');
  await rig.stop();
});
