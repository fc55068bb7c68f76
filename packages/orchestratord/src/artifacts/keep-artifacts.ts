// SPDX-License-Identifier: MIT
import type { ArtifactStore } from '@llama-orch/artifacts';
import type { Timer } from '@llama-orch/orchestrator-core';
import { placeOf } from '../telemetry/place-of.ts';
import { ArtifactRecorder, type RecorderParts } from './artifact-recorder.ts';

/** Between two collections. */
const COLLECT_INTERVAL_MS = 60_000;

/** What keeps artifacts complete and bounded while the service runs. */
export interface ArtifactKeeping {
  /** Call it once ended tasks of earlier runs can be listed: leaves their traces, and collects from then on. */
  begin(): Promise<void>;
  /** Resolves when the last trace is stored and the directory is free; idempotent. */
  stop(): Promise<void>;
}

/** Records from now on. */
export function keepArtifacts(parts: RecorderParts & { readonly artifacts: ArtifactStore }): ArtifactKeeping {
  const { artifacts, clock, logger } = parts;
  const recorder = new ArtifactRecorder(parts);
  let timer: Timer | undefined;
  let stopping: Promise<void> | undefined;
  const isStopping = (): boolean => stopping !== undefined;
  const collect = async (): Promise<void> => {
    if (isStopping()) return;
    try {
      await artifacts.collect();
    } catch (error) {
      // What is old can wait; a disk in trouble is told here and with every trace and upload that meets it.
      if (!isStopping()) logger.log('warn', 'Old artifacts cannot be removed now.', { fault: placeOf(error) });
    }
    if (!isStopping()) timer = clock.setTimer(COLLECT_INTERVAL_MS, () => void collect());
  };
  return {
    async begin() {
      await recorder.catchUp();
      await collect();
    },
    stop() {
      stopping ??= recorder.stop().then(async () => {
        timer?.cancel();
        await artifacts.close();
      });
      return stopping;
    },
  };
}
