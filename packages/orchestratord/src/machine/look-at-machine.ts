// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { DeviceProvider, DeviceReading } from '@llama-orch/pool-manager';
import { ENGINE_PROGRAMS } from '../config/engine-command.ts';
import type { Environment } from '../config/load-config.ts';

/** What this machine has for engines. */
export interface MachineView {
  readonly devices: readonly DeviceReading[];
  /** Why devices cannot be read, in one sentence; absent where they can, and where there are none. */
  readonly devicesFault?: string;
  /** Programs of engines that were found on PATH. */
  readonly engines: readonly { readonly name: string; readonly path: string }[];
}

/** What is looked with. */
export interface MachineParts {
  readonly devices: DeviceProvider;
  readonly env: Environment;
}

/** How long a driver may take to answer. */
const LIMIT_MS = 10_000;

/** Looks at cards, drivers and engines; starts nothing. ORCH-1456 */
export async function lookAtMachine({ devices, env }: MachineParts): Promise<MachineView> {
  const [found, engines] = await Promise.all([readDevices(devices), findEngines(env)]);
  return { ...found, engines };
}

/** The view as one JSON document. */
export function formatMachine({ devices, devicesFault, engines }: MachineView): string {
  const cards = devices.map((device) => ({
    id: device.id,
    name: device.name,
    total_bytes: device.totalBytes,
    free_bytes: device.freeBytes,
    driver: device.driver,
    utilization_ratio: device.utilizationRatio,
  }));
  return `${JSON.stringify({ devices: cards, devices_fault: devicesFault, engines })}\n`;
}

async function readDevices(provider: DeviceProvider): Promise<Pick<MachineView, 'devices' | 'devicesFault'>> {
  try {
    return { devices: await provider.read(AbortSignal.timeout(LIMIT_MS)) };
  } catch (error) {
    return { devices: [], devicesFault: error instanceof Error ? error.message : String(error) };
  }
}

async function findEngines({ PATH = '' }: Environment): Promise<MachineView['engines']> {
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  const found = await Promise.all(
    ENGINE_PROGRAMS.map(async (name) => {
      for (const folder of folders) {
        const path = join(folder, name);
        if (await isProgram(path)) return [{ name, path }];
      }
      return [];
    }),
  );
  return found.flat();
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Not there, or not for us: the next folder may have it.
    return false;
  }
}
