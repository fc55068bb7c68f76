// SPDX-License-Identifier: MIT
import type { DeviceProvider, DeviceReading } from './device-provider.ts';
import { TOOL_TIMEOUT_MS, type DeviceToolOptions } from './nvidia-devices.ts';
import { parseToolJson, type ToolObject } from './parse-tool-json.ts';
import { runTool } from './run-tool.ts';

const ARGS = ['--showproductname', '--showmeminfo', 'vram', '--showuse', '--showdriverversion', '--json'];

/** AMD devices, as `rocm-smi` tells them. */
export function createAmdDeviceProvider(options: DeviceToolOptions = {}): DeviceProvider {
  const tool = {
    command: options.command ?? 'rocm-smi',
    args: ARGS,
    timeoutMs: options.timeoutMs ?? TOOL_TIMEOUT_MS,
  };
  return {
    async read(signal) {
      const text = await runTool(tool, signal);
      return text === undefined ? [] : parseRocmSmi(text);
    },
  };
}

/**
 * Reads the answer of `rocm-smi --json`: one object per card, and one of the system with the driver's version. Names of fields differ
 * in case between releases; `N/A` is absent in the reading.
 *
 * @throws OrchError INTERNAL when it is not JSON.
 */
export function parseRocmSmi(text: string): readonly DeviceReading[] {
  // On a machine without a card it warns in words instead.
  if (!text.includes('{')) return [];
  const answer = parseToolJson('rocm-smi', text.slice(text.indexOf('{')));
  const driver = textOf(answer['system'], 'driver version');
  return Object.entries(answer).flatMap(([key, card]) => {
    const index = /^card(\d+)$/.exec(key)?.[1];
    return index === undefined ? [] : [readCard(Number(index), card, driver)];
  });
}

function readCard(index: number, card: unknown, driver: string | undefined): DeviceReading {
  const totalBytes = numberOf(card, 'vram total memory (b)');
  const usedBytes = numberOf(card, 'vram total used memory (b)');
  const usePercent = numberOf(card, 'gpu use (%)');
  const hasMemory = totalBytes !== undefined && usedBytes !== undefined;
  return {
    id: `amd:${index}`,
    vendor: 'amd',
    name: textOf(card, 'card series') ?? textOf(card, 'device name') ?? textOf(card, 'card model') ?? 'AMD GPU',
    ...(totalBytes === undefined ? {} : { totalBytes }),
    ...(hasMemory ? { freeBytes: Math.max(0, totalBytes - usedBytes) } : {}),
    ...(driver === undefined ? {} : { driver }),
    ...(usePercent === undefined ? {} : { utilizationRatio: usePercent / 100 }),
  };
}

function textOf(object: unknown, name: string): string | undefined {
  if (typeof object !== 'object' || object === null) return undefined;
  const [, value] = Object.entries(object as ToolObject).find(([key]) => key.toLowerCase() === name) ?? [];
  return typeof value === 'string' && value !== '' && value !== 'N/A' ? value : undefined;
}

function numberOf(object: unknown, name: string): number | undefined {
  const value = Number(textOf(object, name) ?? NaN);
  return Number.isFinite(value) ? value : undefined;
}
