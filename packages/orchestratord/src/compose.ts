// SPDX-License-Identifier: MIT
import type { ArtifactStore } from '@llama-orch/artifacts';
import type { Config } from '@llama-orch/config-schema';
import { createNodePorts, systemClock } from '@llama-orch/node-ports';
import {
  createMemoryTaskQueue,
  createOrchestrator,
  type Logger,
  type Meter,
  type Orchestrator,
  type QueueLimits,
  type SamplerProfile,
  type TaskId,
  type TaskQueue,
  type TaskStore,
} from '@llama-orch/orchestrator-core';
import { openSqliteBackend, restoreSqliteBackup, StoreOpenError, type SqliteBackend } from '@llama-orch/queue-sqlite';
import type { DeviceProvider } from '@llama-orch/pool-manager';
import { openArtifacts } from './artifacts/open-artifacts.ts';
import type { ModelDesk } from './catalog/model-desk.ts';
import type { ModelSources } from './catalog/model-sources.ts';
import { createModelDesk } from './catalog/open-models.ts';
import { commandFleet, createCrews, deviceProvider } from './compose/command-fleet.ts';
import { queueLimits, sessionRules } from './config/core-limits.ts';
import type { KeyRing } from './config/key-file.ts';
import { createKeyRules, type KeyRulesOf } from './config/key-rules.ts';
import { keepSamplerProfiles } from './config/profile-lock.ts';
import { timeLimits } from './config/watchdog-limits.ts';
import type { Crew } from './pools/crew.ts';
import type { Fleet } from './pools/fleet.ts';
import { poolSpec } from './pools/pool-spec.ts';
import { createStoreControl, MEMORY_STORE, unusableStore, type StoreControl } from './store/store-control.ts';
import { StoreCondition } from './telemetry/store-condition.ts';

/** What a service is composed from. */
export interface Parts {
  readonly config: Config;
  /** Keys with limits of their own; default none. */
  readonly keys?: KeyRing | undefined;
  /** Engine keys by the name of their variable. */
  readonly engineKeys: Readonly<Record<string, string>>;
  readonly samplerProfiles: readonly SamplerProfile[];
  /** Relative paths of models start here. */
  readonly folder: string;
  /** Absolute path of the models folder. */
  readonly modelsDirectory: string;
  readonly modelSources: ModelSources;
  /** Absolute path. */
  readonly artifactDirectory: string;
  /** Absolute path. */
  readonly storeDirectory: string;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** The domain with its engines. */
export interface Composition {
  readonly orchestrator: Orchestrator;
  /** Close it after the orchestrator has stopped. */
  readonly artifacts: ArtifactStore;
  /** True where accepted tasks outlive the process. */
  readonly isDurable: boolean;
  /** Which backend keeps the tasks, and where; for people. */
  readonly storeName: string;
  /** What is wrong with it, in one sentence; undefined while nothing is. */
  readonly storeTrouble: () => string | undefined;
  readonly storeControl: StoreControl;
  readonly fleet: Fleet;
  readonly models: ModelDesk;
  readonly devices: DeviceProvider;
  /** Starts engines and orchestrator; resolves and rejects as the orchestrator's `start`. */
  start(signal: AbortSignal): Promise<void>;
  /** Ends every engine; call it after the orchestrator has stopped. */
  closeEngines(): Promise<void>;
  /** Other keys and limits from now on. */
  readonly setKeys: (keys: KeyRing) => void;
  /** Lets the directory of tasks go; the last call of all. */
  closeStore(): Promise<void>;
}

/** Where tasks wait, and what outlives the process beside them. */
interface Backend {
  readonly name: string;
  readonly queue: TaskQueue;
  readonly store?: TaskStore;
  readonly condition?: StoreCondition;
  readonly control: StoreControl;
  close(): Promise<void>;
}

/** Ended task ids remembered by the queue for each one that stays readable, so that an old id is never run again. */
const REMEMBERED_IDS_FACTOR = 100;

/**
 * Names the concrete backends, as `compose/` does the adapters; ORCH-2400.
 *
 * @throws ConfigError when a directory it names cannot be used.
 */
export async function compose(parts: Parts): Promise<Composition> {
  const { config } = parts;
  const limits = queueLimits(config);
  const keyRules = createKeyRules(parts.keys);
  // What has been opened is closed again when something after it fails; ORCH-2301.
  await using undo = new AsyncDisposableStack();
  const backend = undo.adopt(await openBackend(parts, { limits, keyRules: keyRules.of }), (opened) => opened.close());
  const isTaskKept = async (taskId: TaskId): Promise<boolean> => (await orchestrator.get(taskId)) !== undefined;
  const artifacts = undo.adopt(await openArtifacts(parts, isTaskKept), (opened) => opened.close());
  const models = createModelDesk(parts);
  const devices = deviceProvider(config, parts.logger);
  const engineParts = { ...parts, models, devices };
  const crews = createCrews(engineParts);
  const orchestrator = createDomain(parts, { backend, crews, limits });
  undo.move();
  const command = commandFleet(crews, orchestrator, { ...engineParts, limits });
  return {
    orchestrator,
    fleet: command.fleet,
    models,
    devices,
    async start(signal) {
      models.begin(command.fleet);
      // That an engine is coming must be seen before the orchestrator asks for it.
      await command.start();
      await orchestrator.start(signal);
    },
    artifacts,
    isDurable: backend.store !== undefined,
    storeName: backend.name,
    storeTrouble: () => backend.condition?.trouble,
    storeControl: backend.control,
    setKeys: (keys) => {
      keyRules.replace(keys);
      orchestrator.setKeys(keys.specs);
    },
    async closeStore() {
      await models.close();
      await backend.close();
    },
    closeEngines: () => command.close(),
  };
}

interface DomainParts {
  readonly backend: Backend;
  readonly crews: readonly Crew[];
  readonly limits: QueueLimits;
}

function createDomain(parts: Parts, { backend, crews, limits }: DomainParts): Orchestrator {
  const { config, samplerProfiles } = parts;
  return createOrchestrator({
    ports: createNodePorts(parts),
    queue: backend.queue,
    ...(backend.store === undefined ? {} : { store: backend.store }),
    pools: crews.map((crew) => poolSpec(crew, config, limits)),
    samplerProfiles,
    sessions: sessionRules(config),
    ...(parts.keys === undefined ? {} : { keys: parts.keys.specs }),
    streamBufferBytes: config.stream.buffer_bytes,
    retention: { endedTasks: config.retention.ended_tasks, transcriptBytes: config.retention.transcript_bytes },
    onTimeFloorRatio: config.queue.on_time_floor,
    ...timeLimits(config),
  });
}

interface QueueRules {
  readonly limits: QueueLimits;
  readonly keyRules: KeyRulesOf;
}

async function openBackend(parts: Parts, { limits, keyRules }: QueueRules): Promise<Backend> {
  const { config } = parts;
  const endedIds = Math.max(1, config.retention.ended_tasks) * REMEMBERED_IDS_FACTOR;
  if (config.store.backend === 'memory') {
    const queue = createMemoryTaskQueue({ limits: () => limits, retention: { endedTasks: endedIds }, keyRules });
    return { name: 'in memory', queue, control: MEMORY_STORE, close: () => queue.close() };
  }
  const condition = new StoreCondition(parts);
  const sqlite = await openSqlite(parts, { limits, keyRules, endedIds, condition });
  try {
    keepSamplerProfiles(sqlite.directory, parts.samplerProfiles);
  } catch (error) {
    await sqlite.close();
    throw error;
  }
  condition.opened(sqlite.health);
  const { directory, queue, store } = sqlite;
  const control = createStoreControl(sqlite);
  return { name: `by SQLite in ${directory}`, queue, store, condition, control, close: () => sqlite.close() };
}

interface SqliteParts extends QueueRules {
  readonly endedIds: number;
  readonly condition: StoreCondition;
}

async function openSqlite(
  { config, storeDirectory: directory }: Parts,
  { limits, keyRules, endedIds, condition }: SqliteParts,
): Promise<SqliteBackend> {
  const { archived_tasks: archivedTasks, archive_age_ms: archiveAgeMs } = config.store;
  try {
    return await openSqliteBackend({
      directory,
      limits: () => limits,
      keyRules,
      retention: { archivedTasks, archiveAgeMs, endedIds },
      clock: systemClock,
      onHealth: (health) => condition.changed(health),
    });
  } catch (error) {
    throw error instanceof StoreOpenError ? unusableStore(error) : error;
  }
}

/** Puts a backup into the directory of tasks; ORCH-1215. @throws ConfigError when the directory cannot take it. */
export async function restoreStore(directory: string, file: string): Promise<void> {
  try {
    await restoreSqliteBackup({ file, directory });
  } catch (error) {
    throw error instanceof StoreOpenError ? unusableStore(error) : error;
  }
}
