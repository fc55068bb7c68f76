// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import { estimateDeviceMemory, type CatalogEvent, type CatalogModel, type PullProgress } from '@llama-orch/catalog';
import { given } from '../config/given.ts';

/** A model of the catalog on the wire; ORCH-1602, ORCH-1631. */
export function toWireModel(model: CatalogModel, usedBy: readonly string[]): Wire.Model {
  const { facts } = model;
  return given({
    model_id: model.id,
    model_ref: model.reference,
    state: model.state,
    status: model.status,
    pinned: model.isPinned,
    digest: model.digest,
    size_bytes: model.sizeBytes,
    progress: model.progress && toWireProgress(model.progress),
    name: facts?.name,
    architecture: facts?.architecture,
    quantization: facts?.quantization,
    parameter_count: facts?.parameterCount,
    context_tokens: facts?.contextTokens,
    device_memory: facts && toWireMemory(estimateDeviceMemory(facts)),
    used_by: usedBy.length === 0 ? undefined : usedBy,
    warnings: model.warnings,
    fault: model.fault,
    metadata: Object.keys(model.metadata).length === 0 ? undefined : model.metadata,
    added_at: timestamp(model.addedAt),
    last_used_at: model.lastUsedAt === undefined ? undefined : timestamp(model.lastUsedAt),
    verified_at: model.verifiedAt === undefined ? undefined : timestamp(model.verifiedAt),
  });
}

/** What happened to a model, on the wire; ORCH-1613. */
export function toWireModelEvent({ kind, model }: CatalogEvent, at: number): Wire.ModelChangedEvent {
  const { id: model_id, reference: model_ref, state, status, progress } = model;
  const named = { at: timestamp(at), model_id, model_ref };
  if (kind === 'removed') return named;
  return { ...named, state, status, ...(progress === undefined ? {} : { progress: toWireProgress(progress) }) };
}

function toWireProgress({ doneBytes, totalBytes, bytesPerSecond }: PullProgress): Wire.PullProgress {
  return given({ done_bytes: doneBytes, total_bytes: totalBytes, bytes_per_second: bytesPerSecond });
}

function toWireMemory(memory: ReturnType<typeof estimateDeviceMemory>): Wire.ModelMemory {
  return {
    context_tokens: memory.contextTokens,
    weights_bytes: memory.weightsBytes,
    context_bytes: memory.contextBytes,
    total_bytes: memory.totalBytes,
  };
}

function timestamp(at: number): string {
  return new Date(at).toISOString();
}
