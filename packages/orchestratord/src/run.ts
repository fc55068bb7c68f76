// SPDX-License-Identifier: MIT
import { parseArgs } from 'node:util';
import type { Logger } from '@llama-orch/orchestrator-core';
import { createSystemDeviceProvider } from '@llama-orch/pool-manager';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { restoreStore } from './compose.ts';
import { checkFile, formatVerdict } from './config/check-file.ts';
import { ConfigError, faultLine, type ConfigFault } from './config/config-fault.ts';
import { loadConfig, type Environment, type LoadedConfig } from './config/load-config.ts';
import { formatMachine, lookAtMachine } from './machine/look-at-machine.ts';
import { EXIT_CODE } from './runtime/exit-code.ts';
import { runSelfTest } from './self-test.ts';
import { startService, type RunningService } from './service.ts';
import { createLogger } from './telemetry/log.ts';
import { placeOf } from './telemetry/place-of.ts';

/** What a process gives to the service. */
export interface ProcessParts {
  /** Arguments after the program's name: `[--config FILE] [--self-test | --restore BACKUP]`, `--check FILE [--json]`, or `--machine`. */
  readonly args: readonly string[];
  readonly env: Environment;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WritableStream;
  /** Resolves with a signal's name when the process is asked to stop. */
  readonly stopSignal: Promise<string>;
  /** Calls back whenever the process is asked to read its configuration again; default never. */
  readonly onReload?: (listener: () => void) => void;
}

/** Runs the service from start to stop; resolves with the exit code, never rejects. */
export async function run({ args, env, stdout, stderr, stopSignal, onReload }: ProcessParts): Promise<number> {
  const options = readArgs(args, env);
  if ('faults' in options) return refuseConfig(options, stderr);
  if ('checked' in options) return check(options, env, stdout);
  if ('machine' in options) return describeMachine(env, stdout);
  if ('restored' in options) return restore(options, { stdout, stderr });
  const { loaded, readConfig, wantsSelfTest } = options;
  const logger = loggerOf(loaded, stdout);
  const started = Promise.withResolvers<RunningService>();
  // Heard from the first: a signal that nobody listens to ends the process.
  onReload?.(() => void started.promise.then((running) => reloadConfig(running, logger)));
  let service: RunningService;
  try {
    service = await startService(loaded, logger, { readConfig });
    started.resolve(service);
  } catch (error) {
    if (error instanceof ConfigError) return refuseConfig(error, stderr);
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined || !ADDRESS_CALLS.includes(syscall))
      return failStart(error, stderr);
    stderr.write(`The service cannot listen: ${code}\n`);
    return EXIT_CODE.unavailable;
  }
  const failed = Promise.withResolvers<{ readonly fault: unknown }>();
  service.settled.catch((fault: unknown) => failed.resolve({ fault }));
  if (wantsSelfTest) {
    // A stop that is asked for meanwhile does not wait for the test.
    const stopping = new AbortController();
    const isStopped = stopSignal.then(() => stopping.abort()).then(() => false);
    const isBroken = failed.promise.then(() => false);
    const tested = selfTest(service, { loaded, logger, signal: stopping.signal });
    const hasFailed = await Promise.race([tested, isStopped, isBroken]);
    if (hasFailed) {
      await service.stop('the self-test failed');
      return EXIT_CODE.fault;
    }
  }
  const signal = await Promise.race([stopSignal, failed.promise]);
  if (typeof signal !== 'string') {
    // What cannot be read back is not ended in an orderly way either; what counts is that everything is let go.
    await service.stop('the start failed').catch(() => undefined);
    return failStart(signal.fault, stderr);
  }
  logger.log('info', `The service stops after ${signal}.`, { signal });
  await service.stop(signal);
  logger.log('info', 'The service has stopped.', { signal });
  return EXIT_CODE.ok;
}

function check({ checked, wantsJson }: CheckOptions, env: Environment, stdout: NodeJS.WriteStream): number {
  const verdict = checkFile(checked, env);
  stdout.write(formatVerdict(verdict, wantsJson));
  return verdict.valid ? EXIT_CODE.ok : EXIT_CODE.config;
}

async function describeMachine(env: Environment, stdout: NodeJS.WriteStream): Promise<number> {
  const devices = createSystemDeviceProvider({ logger: SILENT });
  stdout.write(formatMachine(await lookAtMachine({ devices, env })));
  return EXIT_CODE.ok;
}

/** ORCH-1455: whoever sent the signal reads in the log what became of it. */
function reloadConfig(service: RunningService, logger: Logger): void {
  service.reloadConfig().then(
    ({ restartNeeded }) => {
      const later = restartNeeded.length === 0 ? '' : `; ${restartNeeded.join(', ')} at the next start`;
      logger.log('info', `The configuration was read again${later}.`, {});
    },
    (fault: unknown) => {
      const { message, details } = OrchError.from(fault, 'INTERNAL');
      const faults = (details['faults'] ?? []) as unknown as readonly ConfigFault[];
      logger.log('error', message, { reason: faults.map(faultLine).join('; ') });
    },
  );
}

interface Options {
  readonly loaded: LoadedConfig;
  readonly readConfig: () => LoadedConfig;
  readonly wantsSelfTest: boolean;
}

interface MachineOptions {
  readonly machine: true;
}

interface CheckOptions {
  readonly checked: string;
  readonly wantsJson: boolean;
}

interface RestoreOptions {
  readonly loaded: LoadedConfig;
  /** The backup. */
  readonly restored: string;
}

const SELF_TEST_LIMIT_MS = 60_000;
const USAGE = '[--config FILE] [--self-test | --restore BACKUP], --check FILE [--json], or --machine';
/** What is found is the answer; what a vendor's tool says is not. */
const SILENT: Logger = { log: () => undefined };
/** System calls whose failure says that the address cannot be had. */
const ADDRESS_CALLS: readonly string[] = ['listen', 'bind', 'getaddrinfo'];

function readArgs(
  args: readonly string[],
  env: Environment,
): Options | CheckOptions | MachineOptions | RestoreOptions | ConfigError {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        config: { type: 'string' },
        'self-test': { type: 'boolean', default: false },
        check: { type: 'string' },
        json: { type: 'boolean', default: false },
        restore: { type: 'string' },
        machine: { type: 'boolean', default: false },
      },
    });
    if (values.machine) return { machine: true };
    if (values.check !== undefined) return { checked: values.check, wantsJson: values.json };
    const readConfig = (): LoadedConfig => loadConfig({ file: values.config, env });
    const loaded = readConfig();
    if (values.restore !== undefined) return { loaded, restored: values.restore };
    return { loaded, readConfig, wantsSelfTest: values['self-test'] };
  } catch (error) {
    if (error instanceof ConfigError) return error;
    return new ConfigError([{ path: 'arguments', expected: USAGE, actual: args.join(' ') }]);
  }
}

/** ORCH-1215 */
async function restore(
  { loaded, restored }: RestoreOptions,
  { stdout, stderr }: Pick<ProcessParts, 'stdout' | 'stderr'>,
): Promise<number> {
  const { config, storeDirectory } = loaded;
  try {
    const { backend } = config.store;
    if (backend === 'memory') throw new ConfigError([{ path: '$.store.backend', expected: 'sqlite', actual: backend }]);
    await restoreStore(storeDirectory, restored);
  } catch (error) {
    if (error instanceof ConfigError) return refuseConfig(error, stderr);
    const { code = 'not readable' } = error as NodeJS.ErrnoException;
    return refuseConfig(new ConfigError([{ path: restored, expected: 'a backup', actual: code }]), stderr);
  }
  stdout.write(`${restored} is restored into ${storeDirectory}\n`);
  return EXIT_CODE.ok;
}

/** ORCH-2301: one line, and nothing half started. */
function failStart(fault: unknown, stderr: NodeJS.WritableStream): number {
  const what = OrchError.is(fault) ? `${fault.code} (${fault.message})` : placeOf(fault);
  stderr.write(`The service cannot start: ${what}\n`);
  return EXIT_CODE.fault;
}

/** ORCH-2300: one line per fault, nothing half started. */
function refuseConfig({ message }: ConfigError, stderr: NodeJS.WritableStream): number {
  stderr.write(`The configuration cannot be used.\n${message}\n`);
  return EXIT_CODE.config;
}

function loggerOf({ config, token, engineKeys, modelSources }: LoadedConfig, stdout: NodeJS.WriteStream): Logger {
  const { level, format } = config.log;
  const isPretty = format === 'pretty' || (format === 'auto' && stdout.isTTY);
  const secrets = [token, modelSources.hub.token, ...Object.values(engineKeys)].filter(
    (secret) => secret !== undefined && secret !== '',
  );
  return createLogger({ level, format: isPretty ? 'pretty' : 'json', stream: stdout, secrets: secrets as string[] });
}

interface SelfTestParts {
  readonly loaded: LoadedConfig;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** True when the test failed; false also when it was given up. */
async function selfTest(service: RunningService, { loaded, logger, signal }: SelfTestParts): Promise<boolean> {
  await service.settled;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SELF_TEST_LIMIT_MS)]);
  const { steps } = await runSelfTest({ url: service.url, token: loaded.token, signal: limit });
  if (signal.aborted) return false;
  for (const { name, ok, reason, durationMs } of steps) {
    const human = ok ? `The self-test passed: ${name}.` : `The self-test failed: ${name}.`;
    logger.log(ok ? 'info' : 'error', human, { reason, duration_ms: Math.round(durationMs) });
  }
  return steps.some(({ ok }) => !ok);
}
