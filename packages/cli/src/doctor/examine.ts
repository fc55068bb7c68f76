// SPDX-License-Identifier: MIT
import { statfs } from 'node:fs/promises';
import { createClient, OrchConnectionError, type Capabilities, type OrchClient } from '@llama-orch/client';
import { checkConfig } from '../service/check-config.ts';
import { lookAtMachine, type Card, type Machine } from '../service/look-at-machine.ts';
import { findFreePort, lookAtPort } from '../service/look-at-port.ts';
import { startService } from '../service/start-service.ts';

/** One thing that was looked at. */
export interface Finding {
  readonly name: 'node' | 'config' | 'port' | 'service' | 'engine' | 'devices' | 'engines' | 'disk';
  readonly ok: boolean;
  /** One line for people. */
  readonly detail: string;
}

/** What to look at. */
export interface Examination {
  readonly url: string;
  readonly client: OrchClient;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configFile?: string;
}

const LOWEST_NODE_MAJOR = 24;
const LEAST_FREE_BYTES = 1024 ** 3;
const READY_TIMEOUT_MS = 120_000;

/** Looks at one thing after the other; leaves nothing running. */
export async function* examine(examination: Examination): AsyncGenerator<Finding, void, undefined> {
  yield examineNode();
  const config = await examineConfig(examination);
  yield config;
  yield await examinePort(examination);
  const service = await examineService(examination);
  yield service.finding;
  if (!service.answers && config.ok) yield await examineEngine(examination);
  yield* examineMachine(await lookAtMachine(examination.env));
  yield await examineDisk();
}

function examineNode(): Finding {
  const { node } = process.versions;
  const ok = Number(node.split('.')[0]) >= LOWEST_NODE_MAJOR;
  return { name: 'node', ok, detail: ok ? node : `${node}, needs ${LOWEST_NODE_MAJOR} or newer` };
}

async function examineConfig({ configFile, env }: Examination): Promise<Finding> {
  if (configFile === undefined) return { name: 'config', ok: true, detail: 'none given, the built-in one is used' };
  const { valid, problems } = await checkConfig(configFile, env);
  const detail = problems.map(({ path, expected, actual }) => `${path}: expected ${expected}, found ${actual}`);
  return { name: 'config', ok: valid, detail: valid ? `${configFile} is valid` : detail.join('; ') };
}

async function examinePort({ url }: Examination): Promise<Finding> {
  const { hostname, port, protocol } = new URL(url);
  if (hostname !== '127.0.0.1' && hostname !== 'localhost') {
    return { name: 'port', ok: true, detail: `${hostname} is another machine` };
  }
  const number = Number(port || (protocol === 'https:' ? 443 : 80));
  const holder = await lookAtPort('127.0.0.1', number);
  const detail = holder === 'free' ? `${number} is free` : `${number} is held by ${holder}`;
  return { name: 'port', ok: holder !== 'another program', detail };
}

async function examineService({ client, url }: Examination): Promise<{ finding: Finding; answers: boolean }> {
  try {
    const pools = await client.pools();
    const unready = pools.filter(({ ready }) => !ready).map(({ pool_id }) => pool_id);
    const models = describeEngines(await client.capabilities());
    const detail = unready.length > 0 ? `not ready: ${unready.join(', ')}` : `${url} is ready: ${models}`;
    return { finding: { name: 'service', ok: unready.length === 0, detail }, answers: true };
  } catch (error) {
    // A service that does not run is no fault of the machine; whether one can run is looked at next.
    if (OrchConnectionError.is(error)) {
      return { finding: { name: 'service', ok: true, detail: `none answers at ${url}` }, answers: false };
    }
    return { finding: { name: 'service', ok: false, detail: (error as Error).message }, answers: true };
  }
}

async function examineEngine({ configFile, env }: Examination): Promise<Finding> {
  try {
    const port = await findFreePort('127.0.0.1');
    const options = { port, env, readyTimeoutMs: READY_TIMEOUT_MS, ...(configFile && { configFile }) };
    await using service = await startService(options);
    const token = env.LLORCH_API_TOKEN;
    const client = createClient({ baseUrl: service.url, ...(token ? { token } : {}) });
    return { name: 'engine', ok: true, detail: describeEngines(await client.capabilities()) };
  } catch (error) {
    return { name: 'engine', ok: false, detail: (error as Error).message };
  }
}

function describeEngines({ pools }: Capabilities): string {
  return pools
    .map(
      (pool) =>
        `${pool.engine ?? '?'} ${pool.engine_version ?? '?'} with ${pool.model_id ?? '?'} ${pool.model_digest ?? ''}`,
    )
    .map((line) => line.trimEnd())
    .join('; ');
}

/** ORCH-1456: a machine without a card is no fault; a card that cannot be read is one. */
function examineMachine({ devices, devices_fault: fault, engines }: Machine): readonly Finding[] {
  const cards = devices.length === 0 ? 'no card was found, the CPU is used' : devices.map(describeCard).join('; ');
  const programs = engines.map(({ name, path }) => `${name} at ${path}`).join('; ');
  return [
    { name: 'devices', ok: fault === undefined, detail: fault ?? cards },
    { name: 'engines', ok: true, detail: programs === '' ? 'none on PATH, the embedded one is used' : programs },
  ];
}

function describeCard({ id, name, total_bytes: total, free_bytes: free, driver }: Card): string {
  const memory =
    total === undefined || free === undefined ? [] : [`${gibibytes(free)} of ${gibibytes(total)} GiB free`];
  return [`${id} ${name}`, ...memory, ...(driver === undefined ? [] : [`driver ${driver}`])].join(', ');
}

function gibibytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}

async function examineDisk(): Promise<Finding> {
  const { bavail, bsize } = await statfs(process.cwd());
  const freeBytes = bavail * bsize;
  const detail = `${gibibytes(freeBytes)} GiB free`;
  return { name: 'disk', ok: freeBytes >= LEAST_FREE_BYTES, detail };
}
