// SPDX-License-Identifier: MIT
import type { SessionList } from '@llama-orch/api-types';
import type { OrchClient } from '../create-client.ts';
import type { WireCalls } from './wire-calls.ts';

/** Calls about one task or many. */
export function createTaskCalls({
  http,
  answer,
}: WireCalls): Pick<OrchClient, 'submit' | 'plan' | 'get' | 'list' | 'cancel' | 'setPriority'> {
  return {
    submit: (body, { signal } = {}) => answer(http.POST('/v1/tasks', { body, ...init(signal) }), signal),
    plan: (body, { signal } = {}) =>
      answer(http.POST('/v1/tasks', { body, params: { query: { dry_run: true } }, ...init(signal) }), signal),
    get: (task_id, { signal, ...query } = {}) =>
      answer(http.GET('/v1/tasks/{task_id}', { params: { path: { task_id }, query }, ...init(signal) }), signal),
    list: (query = {}, { signal } = {}) =>
      answer(http.GET('/v1/tasks', { params: { query }, ...init(signal) }), signal),
    cancel: async (task_id, { signal } = {}) => {
      await answer(http.POST('/v1/tasks/{task_id}/cancel', { params: { path: { task_id } }, ...init(signal) }), signal);
    },
    setPriority: (task_id, priority, { signal } = {}) =>
      answer(
        http.POST('/v1/tasks/{task_id}/priority', {
          params: { path: { task_id } },
          body: { priority },
          ...init(signal),
        }),
        signal,
      ),
  };
}

/** Calls about sessions, and what every pool can do. */
export function createReadCalls({
  http,
  answer,
}: WireCalls): Pick<OrchClient, 'sessions' | 'session' | 'endSession' | 'capabilities'> {
  return {
    sessions: async ({ signal } = {}) =>
      (await answer<SessionList>(http.GET('/v1/sessions', init(signal)), signal)).sessions,
    session: (session_id, { signal } = {}) =>
      answer(http.GET('/v1/sessions/{session_id}', { params: { path: { session_id } }, ...init(signal) }), signal),
    endSession: async (session_id, { signal } = {}) => {
      const params = { path: { session_id } };
      await answer(http.DELETE('/v1/sessions/{session_id}', { params, ...init(signal) }), signal);
    },
    capabilities: ({ signal } = {}) => answer(http.GET('/v1/capabilities', init(signal)), signal),
  };
}

/** Calls about artifacts. */
export function createArtifactCalls({
  http,
  answer,
}: WireCalls): Pick<OrchClient, 'storeArtifact' | 'artifacts' | 'artifact'> {
  return {
    storeArtifact: (body, { signal } = {}) => answer(http.POST('/v1/artifacts', { body, ...init(signal) }), signal),
    artifacts: (query = {}, { signal } = {}) =>
      answer(http.GET('/v1/artifacts', { params: { query }, ...init(signal) }), signal),
    artifact: (artifact_id, { signal } = {}) =>
      answer(http.GET('/v1/artifacts/{artifact_id}', { params: { path: { artifact_id } }, ...init(signal) }), signal),
  };
}

/** Calls about the store of tasks. */
export function createStoreCalls({
  http,
  answer,
}: WireCalls): Pick<OrchClient, 'store' | 'acknowledgeLostRecords' | 'backUpStore'> {
  return {
    store: ({ signal } = {}) => answer(http.GET('/v1/store', init(signal)), signal),
    acknowledgeLostRecords: ({ signal } = {}) => answer(http.POST('/v1/store/acknowledge', init(signal)), signal),
    backUpStore: ({ signal } = {}) =>
      answer(http.POST('/v1/store/backup', { parseAs: 'stream', ...init(signal) }), signal),
  };
}

function init(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
