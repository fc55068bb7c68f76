// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { Rig } from '../__fixtures__/rig.ts';
import type { TaskId } from '../task/ids.ts';
import { followTask, type FollowOptions } from './follow-task.ts';
import type { StreamChunk } from './task-reader.ts';

/** Follows a task to its end; live figures, which may come anywhere, are left out. */
async function follow(rig: Rig, id: TaskId, options?: FollowOptions): Promise<StreamChunk[]> {
  const chunks = await Array.fromAsync(followTask(rig.orchestrator, id, options));
  return chunks.filter(({ kind }) => kind !== 'metrics');
}

verifies('ORCH-3487', 'a task is followed from its first frame to its last, whenever they come', async () => {
  const rig = await new Rig().start();
  const { taskId } = await rig.accept();
  const early = follow(rig, taskId);
  await rig.rest();
  rig.job.send('a ', 'frog');
  await rig.rest();
  rig.job.send(' leaps');
  rig.job.end({ tokensOut: 3 });
  expect(await early).toMatchObject([
    { kind: 'started' },
    { kind: 'tokens', texts: ['a ', 'frog'] },
    { kind: 'tokens', texts: [' leaps'] },
    { kind: 'end', seq: 4, tokensOut: 3 },
  ]);
  expect(await follow(rig, taskId, { afterSeq: 2 })).toMatchObject([
    { kind: 'tokens', firstIndex: 2, texts: [' leaps'] },
    { kind: 'end' },
  ]);
  expect(await follow(rig, taskId, { afterSeq: 4 })).toEqual([]);
  await rig.stop();
});

verifies('ORCH-3487', 'a loop that is left closes its reader', async () => {
  const rig = await new Rig().start();
  const { taskId } = await rig.accept({ onDisconnect: 'cancel' });
  for await (const { kind } of followTask(rig.orchestrator, taskId)) if (kind === 'started') break;
  await rig.rest();
  expect((await rig.view(taskId)).state).toBe('canceled');
  await rig.stop();
});

verifies('ORCH-3487', 'an aborted signal ends the reading with its reason, and the task goes on', async () => {
  const rig = await new Rig().start();
  const { taskId } = await rig.accept();
  const controller = new AbortController();
  const following = follow(rig, taskId, { signal: controller.signal });
  await rig.rest();
  controller.abort(new Error('enough'));
  await expect(following).rejects.toThrow('enough');
  await expect(follow(rig, taskId, { signal: controller.signal })).rejects.toThrow('enough');
  expect((await rig.view(taskId)).state).toBe('running');
  await rig.stop();
});

verifies('ORCH-3487', 'a task that is not there or not so long cannot be followed', async () => {
  const rig = await new Rig().start();
  const { taskId } = await rig.accept();
  const codeOf = async (following: Promise<unknown>): Promise<string> => {
    const fault: unknown = await following.catch((error: unknown) => error);
    return OrchError.is(fault) ? fault.code : String(fault);
  };
  expect(await codeOf(follow(rig, 'unknown' as TaskId))).toBe('NOT_FOUND');
  expect(await codeOf(follow(rig, taskId, { afterSeq: 9 }))).toBe('TASK_CONFLICT');
  await rig.stop();
});
