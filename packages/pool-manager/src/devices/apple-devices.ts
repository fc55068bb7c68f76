// SPDX-License-Identifier: MIT
import type { DeviceProvider, DeviceReading } from './device-provider.ts';
import { TOOL_TIMEOUT_MS, type DeviceToolOptions } from './nvidia-devices.ts';
import { parseToolJson, type ToolObject } from './parse-tool-json.ts';
import { runTool } from './run-tool.ts';

/** Apple devices, as `system_profiler` tells them. They share the host's memory and tell no share of their own. */
export function createAppleDeviceProvider(options: DeviceToolOptions = {}): DeviceProvider {
  const tool = {
    command: options.command ?? 'system_profiler',
    args: ['-json', 'SPDisplaysDataType'],
    timeoutMs: options.timeoutMs ?? TOOL_TIMEOUT_MS,
  };
  return {
    async read(signal) {
      const text = await runTool(tool, signal);
      return text === undefined ? [] : parseSystemProfiler(text);
    },
  };
}

/**
 * Reads the answer of `system_profiler`; devices that are not Apple's are left out.
 *
 * @throws OrchError INTERNAL when it is not JSON.
 */
export function parseSystemProfiler(text: string): readonly DeviceReading[] {
  const { SPDisplaysDataType: devices } = parseToolJson('system_profiler', text);
  if (!Array.isArray(devices)) return [];
  return (devices as readonly ToolObject[])
    .filter(({ spdisplays_vendor: vendor }) => vendor === 'sppci_vendor_Apple')
    .map(({ sppci_model: model }, index) => ({
      id: `apple:${index}`,
      vendor: 'apple',
      name: typeof model === 'string' ? model : 'Apple GPU',
    }));
}
