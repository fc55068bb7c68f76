// SPDX-License-Identifier: MIT
import { OrchApiError, type Capabilities, type OrchClient, type Task, type TaskRequest } from '@llama-orch/client';
import { findDifference, type Difference } from './find-difference.ts';

/** Why a task is not replayed, as a sentence. */
export class ReplayRefusal extends Error {
  override readonly name = 'ReplayRefusal';
}

/** What a replay came to. */
export interface ReplayVerdict {
  readonly task_id: string;
  readonly replay_task_id: string;
  readonly identical: boolean;
  readonly tokens_out: number;
  /** What is not equal in the two receipts, as `field: then -> now`. */
  readonly changed: readonly string[];
  /** Where the streams part; absent where the transcript of the task is not kept and only digests tell. */
  readonly difference?: Difference;
}

/** What must be equal for the same tokens to be promised. */
const ENGINE = ['engine', 'engine_version', 'model_digest'] as const;
/** What tells whether the same was asked, and the same came out. */
const OUTCOME = [
  ...ENGINE,
  'seed',
  'sampler_profile_version',
  'sampler_profile_digest',
  'prompt_sha256',
  'output_sha256',
  'tokens_out',
] as const;

/** A task that can be replayed. */
export interface ReplayableTask {
  readonly task: Task;
  readonly receipt: NonNullable<Task['receipt']>;
  readonly request: TaskRequest;
  /** Most tokens of a task of its pool; what a task gets that names no number. */
  readonly maxTokensOut: number;
}

/**
 * The task with all that its replay needs.
 *
 * @param anyway Whether another engine will do.
 * @throws ReplayRefusal when it cannot be replayed; OrchApiError when it is not known.
 */
export async function findReplayable(client: OrchClient, taskId: string, anyway: boolean): Promise<ReplayableTask> {
  const task = await client.get(taskId, { include: 'request' });
  const { state, receipt, request, workload } = task;
  if (state !== 'completed') throw new ReplayRefusal(`Only a completed task can be replayed; this one is ${state}.`);
  if (workload !== 'completion' && workload !== 'chat') throw new ReplayRefusal(`A task of ${workload} has no text.`);
  if (receipt === undefined || request === undefined) throw new ReplayRefusal('Its request is not kept any more.');
  const pool = await poolOf(client, task);
  const changed = engineChanges(pool, receipt);
  if (changed.length > 0 && !anyway) {
    throw new ReplayRefusal(
      `The engine is not the same any more (${changed.join(', ')}); --anyway replays nevertheless.`,
    );
  }
  return { task, receipt, request, maxTokensOut: pool.max_tokens_out };
}

/** The request that asks for the same tokens, as a new task. */
export function requestOfReplay({ task, receipt, request, maxTokensOut }: ReplayableTask): TaskRequest {
  const {
    session_id: _session,
    deadline_ms: _deadline,
    metadata: _metadata,
    max_tokens: _maxTokens,
    ...same
  } = request;
  return {
    ...same,
    task_id: crypto.randomUUID(),
    pool_id: task.pool_id,
    seed: receipt.seed,
    // ORCH-1508: a number that a client names must fit beside the prompt, the pool's own is only a limit.
    ...(receipt.max_tokens === maxTokensOut ? {} : { max_tokens: receipt.max_tokens }),
    // ORCH-1238: what an earlier turn left in an engine must not count.
    kv_hint: 'cold',
    metadata: { replay_of: task.task_id },
  };
}

/** What the finished replay of a task came to. */
export async function judgeReplay(
  client: OrchClient,
  { task, receipt }: ReplayableTask,
  replay: { readonly taskId: string; readonly pieces: readonly string[] },
): Promise<ReplayVerdict> {
  const after = (await client.get(replay.taskId)).receipt;
  const changed = after === undefined ? ['receipt: given -> none'] : changesIn(receipt, after, OUTCOME);
  const original = await piecesOf(client, task.task_id);
  const difference = original === undefined ? undefined : findDifference(original, replay.pieces);
  const same = original === undefined ? after?.output_sha256 === receipt.output_sha256 : difference === undefined;
  return {
    task_id: task.task_id,
    replay_task_id: replay.taskId,
    identical: same,
    tokens_out: after?.tokens_out ?? replay.pieces.length,
    changed,
    ...(difference === undefined ? {} : { difference }),
  };
}

/** A verdict as lines for people. */
export function describeVerdict(verdict: ReplayVerdict, { receipt }: ReplayableTask): readonly string[] {
  const { identical, difference, changed, tokens_out: tokensOut } = verdict;
  if (identical) return [`identical: ${tokensOut} tokens, output sha256 ${receipt.output_sha256}`, ...changed];
  const allowed = receipt.determinism === 'strict' ? [] : ['The task was best_effort, which promises no equal text.'];
  if (difference === undefined) return ['different, by the digest of the output', ...changed, ...allowed];
  const { index, before, original, replay, original_after: originalAfter, replay_after: replayAfter } = difference;
  return [
    `different from token ${index} on`,
    `  before:    ${JSON.stringify(before)}`,
    `  original:  ${shown(original, originalAfter)}`,
    `  replay:    ${shown(replay, replayAfter)}`,
    ...changed,
    ...allowed,
  ];
}

function shown(piece: string | undefined, rest: string): string {
  return piece === undefined ? 'the end' : `${JSON.stringify(piece)} then ${JSON.stringify(rest)}`;
}

async function poolOf(client: OrchClient, { pool_id: poolId }: Task): Promise<Capabilities['pools'][number]> {
  const { pools } = await client.capabilities();
  const pool = pools.find(({ pool_id: id }) => id === poolId);
  if (pool === undefined) throw new ReplayRefusal(`Its pool ${poolId} is gone.`);
  return pool;
}

/** A pool that has not loaded cannot tell; the receipts are compared afterwards. */
function engineChanges(pool: Capabilities['pools'][number], receipt: ReplayableTask['receipt']): string[] {
  return pool.engine === undefined ? [] : changesIn(receipt, pool, ENGINE);
}

function changesIn<K extends string>(
  then: Readonly<Partial<Record<K, unknown>>>,
  now: Readonly<Partial<Record<K, unknown>>>,
  names: readonly K[],
): string[] {
  return names
    .filter((name) => then[name] !== now[name])
    .map((name) => `${name}: ${String(then[name] ?? 'none')} -> ${String(now[name] ?? 'none')}`);
}

/** The pieces of a stream; undefined when they are not kept any more. */
async function piecesOf(client: OrchClient, taskId: string): Promise<readonly string[] | undefined> {
  const pieces: string[] = [];
  try {
    for await (const frame of client.stream(taskId)) {
      if (frame.event === 'token') pieces.push(frame.data.t);
      if (frame.event === 'error') return undefined;
    }
  } catch (error) {
    if (OrchApiError.is(error) && error.code === 'STREAM_GAP') return undefined;
    throw error;
  }
  return pieces;
}
