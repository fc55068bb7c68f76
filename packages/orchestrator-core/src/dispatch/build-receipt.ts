// SPDX-License-Identifier: MIT
import type { ToolCall, WorkerProps } from '@llama-orch/worker-adapter-api';
import { canonicalJson } from '../admission/canonical-json.ts';
import type { Digest } from '../ports.ts';
import type { ReplicaId } from '../task/ids.ts';
import type { JobAttempt, Receipt, Task } from '../task/task.ts';

/** What a receipt is made from. */
export interface ReceiptFacts {
  readonly task: Task;
  readonly props: WorkerProps;
  readonly replicaId: ReplicaId;
  readonly placementReason: string;
  readonly attempt: number;
  readonly earlierAttempts: readonly JobAttempt[];
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly prefixReuse: boolean;
  /** Digest of the text the readers got. */
  readonly outputSha256: string;
  readonly toolCalls?: readonly ToolCall[];
}

/** The receipt of a job that ran to its end or to its cancel. */
export function buildReceipt(facts: ReceiptFacts, digest: Digest): Receipt {
  const { task, props } = facts;
  return {
    seed: task.sampling.seed,
    determinism: task.determinism,
    engine: props.engine,
    engineVersion: props.engineVersion,
    modelId: props.modelId,
    modelDigest: props.modelDigest,
    samplerProfileVersion: task.samplerProfileVersion,
    samplerProfileDigest: task.samplerProfileDigest,
    sampling: task.sampling,
    maxTokens: task.maxTokens,
    responseFormatSha256: digestOf(task.responseFormat, digest),
    inputSha256: digest.sha256Hex(canonicalJson(task.input)),
    outputSha256: facts.outputSha256,
    toolCallsSha256: digestOf(facts.toolCalls, digest),
    tokensIn: facts.tokensIn,
    tokensOut: facts.tokensOut,
    slotMode: props.slotMode,
    prefixReuse: facts.prefixReuse,
    replicaId: facts.replicaId,
    placementReason: facts.placementReason,
    attempt: facts.attempt,
    // ORCH-1237: a copy, since the record's own list may grow.
    earlierAttempts: facts.earlierAttempts.length === 0 ? undefined : [...facts.earlierAttempts],
  };
}

function digestOf(value: unknown, digest: Digest): string | undefined {
  return value === undefined ? undefined : digest.sha256Hex(canonicalJson(value));
}
