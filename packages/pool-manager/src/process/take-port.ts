// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Random } from '@llama-orch/orchestrator-core';
import { EngineFaultError, engineFault } from '../engine-fault.ts';

/** Below the range that systems give to outgoing connections, so that none of those takes it before the engine does. */
const LOWEST = 20_000;
const COUNT = 10_000;
const TRY_COUNT = 100;

/** Ports belong to the machine, so this list belongs to the whole process: engines share a listening port without a word. */
const taken = new Set<number>();

/** A port on 127.0.0.1 for one engine. */
export interface TakenPort {
  readonly port: number;
  /** Idempotent. */
  release(): void;
}

/**
 * Takes `wanted`, or a free port drawn by chance.
 *
 * @throws EngineFaultError `port_in_use` when it is in use, or none is free.
 */
export async function takePort(random: Random, wanted?: number): Promise<TakenPort> {
  if (wanted !== undefined) {
    const port = await tryPort(wanted);
    if (port !== undefined) return port;
    throw new EngineFaultError(engineFault('port_in_use', `Port ${wanted} of 127.0.0.1 is in use.`));
  }
  for (let count = 0; count < TRY_COUNT; count += 1) {
    const port = await tryPort(LOWEST + (random.nextUint32() % COUNT));
    if (port !== undefined) return port;
  }
  throw new EngineFaultError(engineFault('port_in_use', `No port of 127.0.0.1 was free in ${TRY_COUNT} tries.`));
}

async function tryPort(port: number): Promise<TakenPort | undefined> {
  if (taken.has(port)) return undefined;
  taken.add(port);
  if (await isFree(port)) return { port, release: () => void taken.delete(port) };
  taken.delete(port);
  return undefined;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listening = once(server, 'listening');
  server.listen(port, '127.0.0.1');
  try {
    await listening;
  } catch {
    // Whatever the reason, an engine could not listen there either.
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
