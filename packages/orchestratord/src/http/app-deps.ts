// SPDX-License-Identifier: MIT
import type { ArtifactStore } from '@llama-orch/artifacts';
import type { Logger, Meter, Orchestrator } from '@llama-orch/orchestrator-core';
import type { ModelDesk } from '../catalog/model-desk.ts';
import type { ConfigControl } from '../pools/config-control.ts';
import type { PoolControl } from '../pools/pool-control.ts';
import type { StoreControl } from '../store/store-control.ts';
import type { AccessRules } from './access.ts';
import type { BodyLimits } from './read-body.ts';

/** Everything the HTTP side takes from outside. */
export interface AppDeps {
  readonly orchestrator: Orchestrator;
  readonly artifacts: ArtifactStore;
  /** What is wrong with the store of tasks, in one sentence; undefined while nothing is. */
  readonly storeTrouble: () => string | undefined;
  readonly storeControl: StoreControl;
  readonly poolControl: PoolControl;
  readonly configControl: ConfigControl;
  readonly models: ModelDesk;
  /** @throws OrchError MEMORY_PRESSURE while nothing new may be taken. */
  readonly checkMemory: (incomingBytes?: number) => void;
  readonly logger: Logger;
  readonly meter: Meter;
  /** The text exposition of all metrics. */
  readonly renderMetrics: () => Promise<string>;
  readonly access: AccessRules;
  /** Whether each answered request is a log line. */
  readonly logRequests: boolean;
  readonly limits: BodyLimits & { readonly maxStreams: number; readonly maxArtifactBytes: number };
  readonly stream: {
    /** Silence after which a comment line is sent; default 15,000. */
    readonly heartbeatMs: number;
    /** Bytes that may wait for a client before nothing more is pulled for it; default 256 KiB. */
    readonly clientBufferBytes: number;
    /** How long a client may take nothing; default 30,000. */
    readonly drainTimeoutMs: number;
  };
}
