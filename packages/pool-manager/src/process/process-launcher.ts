// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import type { Clock, Logger, Random } from '@llama-orch/orchestrator-core';
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';
import { maskEnvironment } from '../devices/mask-environment.ts';
import { EngineFaultError, engineFault } from '../engine-fault.ts';
import type { EngineLauncher, EngineStart, StartedEngine } from '../engine-launcher.ts';
import { engineEnvironment } from './engine-environment.ts';
import { openEngineLog, type EngineLog } from './engine-log.ts';
import { EngineProcess } from './engine-process.ts';
import { endOrphans, recordEngine } from './engine-records.ts';
import { fillTemplate, type TemplateValues } from './fill-template.ts';
import { takePort } from './take-port.ts';

/** An engine that has just been started, for the one who connects to it. */
export interface EngineAddress {
  /** On 127.0.0.1. */
  readonly baseUrl: string;
  readonly port: number;
  readonly given: EngineStart;
}

/** Settings of {@link createProcessLauncher}. */
export interface ProcessLauncherOptions {
  readonly replicaId: string;
  /** A program, by path or by its name on the PATH. */
  readonly command: string;
  /**
   * Its arguments. `{port}`, `{slots}`, `{ctx}` (tokens of one slot), `{ctx_total}` (of all slots), `{devices}`, `{device_count}`,
   * `{replica_id}` and the names in {@link ProcessLauncherOptions.values} are replaced; other braces stay.
   */
  readonly args: readonly string[];
  /** Further placeholders, such as `model`. */
  readonly values?: TemplateValues;
  /** Variables set for the engine, with the same placeholders. */
  readonly env?: Readonly<Record<string, string>>;
  /** Our own variables that the engine may see beside PATH, HOME and their like. Default none. */
  readonly inheritEnv?: readonly string[];
  /** Default: a free port at every start. */
  readonly port?: number;
  /** Makes the adapter to an engine that may not listen yet. */
  readonly connect: (address: EngineAddress) => WorkerAdapter;
  /** Holds a record per running engine. */
  readonly stateDirectory: string;
  /** Holds the log file of the replica, `<replica id>.log`. */
  readonly logDirectory: string;
  /** Bytes of one log file. Default 16 MiB. */
  readonly logLimitBytes?: number;
  /** Log files kept. Default 3. */
  readonly logFileCount?: number;
  /** Milliseconds between SIGTERM and SIGKILL. Default 3,000. */
  readonly graceMs?: number;
  /** Texts that are masked in the last lines shown, such as the engine's own key. */
  readonly secrets?: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const GRACE_MS = 3_000;

/** Takes the record of an engine away; undefined where there is none. */
type RemoveRecord = (() => Promise<void>) | undefined;

/** Starts engines as processes of ours: no shell, a session of their own, an environment that holds what is named. */
export function createProcessLauncher(options: ProcessLauncherOptions): EngineLauncher {
  return { provisioning: 'managed', start: (given, signal) => startProcess(options, given, signal) };
}

async function startProcess(
  options: ProcessLauncherOptions,
  given: EngineStart,
  signal: AbortSignal,
): Promise<StartedEngine> {
  const { replicaId, clock, logger, random, graceMs = GRACE_MS } = options;
  signal.throwIfAborted();
  await endOrphans({ directory: options.stateDirectory, clock, logger, graceMs });
  // What has been opened is let go of again when something after it fails, last first.
  await using undo = new AsyncDisposableStack();
  const taken = await takePort(random, options.port);
  undo.defer(() => taken.release());
  const { port } = taken;
  const values = templateValues(options, given, port);
  const args = fillTemplate(options.args, values);
  const environment = environmentOf(options, given, values);
  const log = await openLog(options);
  undo.defer(() => log.close());
  signal.throwIfAborted();
  const engine = await EngineProcess.start({ command: options.command, args, environment, log, clock, graceMs });
  undo.defer(() => engine.stop());
  const removeRecord = await record(options, engine.pid);
  undo.defer(() => removeRecord?.());
  signal.throwIfAborted();
  const adapter = options.connect({ baseUrl: `http://127.0.0.1:${port}`, port, given });
  // Together: an adapter may wait for runs that only the engine's end ends.
  undo.defer(async () => {
    await Promise.all([adapter.close(), engine.stop()]);
  });
  const rest = undo.move();
  let stopped: Promise<void> | undefined;
  logger.log('info', `Engine ${engine.pid} of replica ${replicaId} was started on port ${port}.`, {
    replica_id: replicaId,
    pid: engine.pid,
    port,
  });
  return {
    adapter,
    exited: engine.exited,
    stop: () => (stopped ??= rest.disposeAsync()),
    logTail: () => mask(engine.logTail, options.secrets ?? []),
  };
}

/** Without its record an engine is still guarded, so a full disk is no reason to do without it. */
async function record(
  { stateDirectory, replicaId, logger }: ProcessLauncherOptions,
  pid: number,
): Promise<RemoveRecord> {
  try {
    return await recordEngine(stateDirectory, replicaId, pid);
  } catch (error) {
    logger.log('warn', `Engine ${pid} of replica ${replicaId} could not be recorded: ${String(error)}`, {
      replica_id: replicaId,
    });
    return undefined;
  }
}

async function openLog(options: ProcessLauncherOptions): Promise<EngineLog> {
  const { replicaId, logDirectory, logLimitBytes, logFileCount, logger } = options;
  const log = openEngineLog({
    path: join(logDirectory, `${encodeURIComponent(replicaId)}.log`),
    ...(logLimitBytes === undefined ? {} : { limitBytes: logLimitBytes }),
    ...(logFileCount === undefined ? {} : { fileCount: logFileCount }),
    onFault: (error) =>
      logger.log('warn', `Output of replica ${replicaId} could not be written: ${String(error)}`, {
        replica_id: replicaId,
      }),
  });
  return log.catch((cause: unknown) => {
    throw new EngineFaultError(engineFault('no_log', `Its log could not be opened: ${String(cause)}`), { cause });
  });
}

function environmentOf(
  { env = {}, inheritEnv }: ProcessLauncherOptions,
  { devices }: EngineStart,
  values: TemplateValues,
): Record<string, string> {
  const filled = fillTemplate(Object.values(env), values);
  return engineEnvironment({
    own: process.env,
    inherit: inheritEnv ?? [],
    set: Object.fromEntries(Object.keys(env).map((name, index) => [name, filled[index] ?? ''])),
    mask: maskEnvironment(devices),
  });
}

function templateValues(options: ProcessLauncherOptions, given: EngineStart, port: number): TemplateValues {
  const { slots, ctxMaxTokens } = given.capacity ?? {};
  const ctxTotal = slots === undefined || ctxMaxTokens === undefined ? undefined : slots * ctxMaxTokens;
  return {
    ...options.values,
    port: String(port),
    replica_id: options.replicaId,
    slots: slots?.toString(),
    ctx: ctxMaxTokens?.toString(),
    ctx_total: ctxTotal?.toString(),
    devices: given.devices?.join(','),
    device_count: given.devices?.length.toString(),
  };
}

function mask(lines: readonly string[], secrets: readonly string[]): readonly string[] {
  return lines.map((line) =>
    secrets.reduce((text, secret) => (secret === '' ? text : text.replaceAll(secret, '***')), line),
  );
}
