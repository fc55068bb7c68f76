// SPDX-License-Identifier: MIT
import type { AppDeps } from './app-deps.ts';
import type { Route } from './route.ts';
import { deleteModel } from './routes/delete-model.ts';
import { deleteSession } from './routes/delete-session.ts';
import { getArtifact } from './routes/get-artifact.ts';
import { getArtifacts } from './routes/get-artifacts.ts';
import { getCapabilities } from './routes/get-capabilities.ts';
import { getEvents } from './routes/get-events.ts';
import { getHealthz } from './routes/get-healthz.ts';
import { getMetrics } from './routes/get-metrics.ts';
import { getModel } from './routes/get-model.ts';
import { getModels } from './routes/get-models.ts';
import { getOpenapi } from './routes/get-openapi.ts';
import { getPoolHealth } from './routes/get-pool-health.ts';
import { getPools } from './routes/get-pools.ts';
import { getReadyz } from './routes/get-readyz.ts';
import { getSession } from './routes/get-session.ts';
import { getSessions } from './routes/get-sessions.ts';
import { getStore } from './routes/get-store.ts';
import { getTaskStream } from './routes/get-task-stream.ts';
import { getTask } from './routes/get-task.ts';
import { getTasks } from './routes/get-tasks.ts';
import { postArtifacts } from './routes/post-artifacts.ts';
import { postModelState } from './routes/post-model-state.ts';
import { postModelVerify } from './routes/post-model-verify.ts';
import { postModels } from './routes/post-models.ts';
import { postStoreAcknowledge } from './routes/post-store-acknowledge.ts';
import { postStoreBackup } from './routes/post-store-backup.ts';
import { postConfigReload } from './routes/post-config-reload.ts';
import { postPoolDrain } from './routes/post-pool-drain.ts';
import { postPoolEngines } from './routes/post-pool-engines.ts';
import { postPoolPause } from './routes/post-pool-pause.ts';
import { postPoolReload } from './routes/post-pool-reload.ts';
import { postPoolResume } from './routes/post-pool-resume.ts';
import { postTaskCancel } from './routes/post-task-cancel.ts';
import { postTaskPriority } from './routes/post-task-priority.ts';
import { postTasks } from './routes/post-tasks.ts';
import type { StreamGate } from './stream-gate.ts';

/** Every operation of the contract, each in its own file; ORCH-2401. */
export function createRoutes(deps: AppDeps, gate: StreamGate): readonly Route[] {
  const { orchestrator, artifacts, limits, stream, models } = deps;
  const { storeTrouble, storeControl, poolControl, configControl } = deps;
  return [
    postTasks(orchestrator, limits, deps),
    getTasks(orchestrator),
    getTask(orchestrator),
    getTaskStream(orchestrator, gate, stream),
    postTaskCancel(orchestrator),
    postTaskPriority(orchestrator, limits),
    getSessions(orchestrator),
    getSession(orchestrator),
    deleteSession(orchestrator),
    postArtifacts(artifacts, { maxBytes: limits.maxArtifactBytes, maxDepth: limits.maxDepth }),
    getArtifacts(deps),
    getArtifact(deps, stream),
    getCapabilities(orchestrator, deps.access),
    getPools(orchestrator),
    postPoolPause(orchestrator),
    postPoolDrain(orchestrator, poolControl, limits),
    postPoolResume(orchestrator, poolControl),
    postPoolReload(orchestrator, poolControl, limits),
    postPoolEngines(orchestrator, poolControl, 'loadPool'),
    postPoolEngines(orchestrator, poolControl, 'unloadPool'),
    getPoolHealth(orchestrator, poolControl, storeTrouble),
    postConfigReload(configControl),
    postModels(models, limits),
    getModels(models),
    getModel(models),
    deleteModel(models),
    postModelVerify(models, stream.heartbeatMs),
    postModelState(models, limits),
    getStore(storeControl),
    postStoreAcknowledge(storeControl),
    postStoreBackup(storeControl),
    getEvents(deps, gate, stream),
    getHealthz(),
    getReadyz(orchestrator),
    getMetrics(deps.renderMetrics),
    getOpenapi(),
  ];
}
