// SPDX-License-Identifier: MIT
import type { DeviceProvider, DeviceReading } from './device-provider.ts';
import { runTool, toolFault } from './run-tool.ts';

/** Where a vendor's tool is and how long it may take. */
export interface DeviceToolOptions {
  /** File name or path; default is the vendor's own name, found on PATH. */
  readonly command?: string;
  /** Default 5,000 ms. */
  readonly timeoutMs?: number;
}

/** How long a tool may take, in milliseconds: `nvidia-smi` wakes a card without persistence mode in 1 to 2 s. */
export const TOOL_TIMEOUT_MS = 5_000;

// The name comes last: it is the one field that may hold a comma.
const FIELDS = ['index', 'memory.total', 'memory.free', 'utilization.gpu', 'driver_version', 'name'];
const MEBIBYTE = 1024 * 1024;

/** NVIDIA devices, as `nvidia-smi` tells them. */
export function createNvidiaDeviceProvider(options: DeviceToolOptions = {}): DeviceProvider {
  const tool = {
    command: options.command ?? 'nvidia-smi',
    args: [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'],
    timeoutMs: options.timeoutMs ?? TOOL_TIMEOUT_MS,
  };
  return {
    async read(signal) {
      const text = await runTool(tool, signal);
      return text === undefined ? [] : parseNvidiaSmi(text);
    },
  };
}

/**
 * Reads the answer of `nvidia-smi`. Fields in brackets (`[N/A]`, `[Not Supported]`, `[Unknown Error]`) are absent in the reading.
 *
 * @throws OrchError INTERNAL for a line it does not understand.
 */
export function parseNvidiaSmi(text: string): readonly DeviceReading[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.every((line) => line.startsWith('No devices'))) return [];
  return lines.map(parseLine);
}

function parseLine(line: string): DeviceReading {
  const parts = line.split(',').map((part) => part.trim());
  const [index, totalMib, freeMib, utilizationPercent, driver] = parts;
  const name = parts.slice(FIELDS.length - 1).join(', ');
  if (index === undefined || !/^\d+$/.test(index) || name === '') {
    throw toolFault(`nvidia-smi answered with a line that is not understood: ${line.slice(0, 200)}`);
  }
  // ORCH-1421: the driver's own account of free memory counts what every process on the card holds.
  const [totalBytes, freeBytes] = [numberOf(totalMib), numberOf(freeMib)];
  const utilization = numberOf(utilizationPercent);
  return {
    id: `nvidia:${Number(index)}`,
    vendor: 'nvidia',
    name,
    ...(totalBytes === undefined ? {} : { totalBytes: totalBytes * MEBIBYTE }),
    ...(freeBytes === undefined ? {} : { freeBytes: freeBytes * MEBIBYTE }),
    ...(driver === undefined || driver.startsWith('[') ? {} : { driver }),
    ...(utilization === undefined ? {} : { utilizationRatio: utilization / 100 }),
  };
}

function numberOf(text = ''): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
