// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { parseRocmSmi } from './amd-devices.ts';
import { parseSystemProfiler } from './apple-devices.ts';
import { parseNvidiaSmi } from './nvidia-devices.ts';

const MIB = 1024 * 1024;

verifies('ORCH-1420', 'nvidia-smi tells name, memory, driver and utilization of mixed cards', () => {
  const text =
    '0, 81559, 81037, 37, 550.54.15, NVIDIA H100 80GB HBM3\n1, 24576, 24210, 0, 550.54.15, NVIDIA GeForce RTX 3090\n';
  expect(parseNvidiaSmi(text)).toEqual([
    {
      id: 'nvidia:0',
      vendor: 'nvidia',
      name: 'NVIDIA H100 80GB HBM3',
      totalBytes: 81_559 * MIB,
      freeBytes: 81_037 * MIB,
      driver: '550.54.15',
      utilizationRatio: 0.37,
    },
    {
      id: 'nvidia:1',
      vendor: 'nvidia',
      name: 'NVIDIA GeForce RTX 3090',
      totalBytes: 24_576 * MIB,
      freeBytes: 24_210 * MIB,
      driver: '550.54.15',
      utilizationRatio: 0,
    },
  ]);
});

verifies('ORCH-1420', 'what nvidia-smi puts in brackets is absent, and a name may hold commas', () => {
  expect(parseNvidiaSmi('0, [N/A], [N/A], [Not Supported], [Unknown Error], NVIDIA GB10, rev 2\r\n')).toEqual([
    { id: 'nvidia:0', vendor: 'nvidia', name: 'NVIDIA GB10, rev 2' },
  ]);
});

verifies('ORCH-1420', 'nvidia-smi without a card is no card, and an answer nobody understands is a fault', () => {
  for (const none of ['', '\n', 'No devices were found\n']) expect(parseNvidiaSmi(none)).toEqual([]);
  for (const odd of ['Failed to initialize NVML', 'x, 1, 1, 1, 1, name', '0, 1, 1']) {
    expect(() => parseNvidiaSmi(odd)).toThrow('a line that is not understood');
  }
});

verifies(['ORCH-1420', 'ORCH-1421'], 'rocm-smi tells its cards, whatever the case of its words', () => {
  const text = JSON.stringify({
    card0: {
      'GPU use (%)': '12',
      'VRAM Total Memory (B)': '25753026560',
      'VRAM Total Used Memory (B)': '1753026560',
      'Card Series': 'Radeon RX 7900 XTX',
    },
    card1: { 'GPU use (%)': 'N/A', 'Card series': 'N/A', 'Device Name': 'AMD Instinct MI300X' },
    system: { 'Driver version': '6.7.0' },
  });
  expect(parseRocmSmi(`WARNING: AMD GPU device(s) is/are in a low-power state.\n${text}`)).toEqual([
    {
      id: 'amd:0',
      vendor: 'amd',
      name: 'Radeon RX 7900 XTX',
      totalBytes: 25_753_026_560,
      freeBytes: 24_000_000_000,
      driver: '6.7.0',
      utilizationRatio: 0.12,
    },
    { id: 'amd:1', vendor: 'amd', name: 'AMD Instinct MI300X', driver: '6.7.0' },
  ]);
  expect(parseRocmSmi('WARNING: No AMD GPUs specified\n')).toEqual([]);
  expect(() => parseRocmSmi('{"card0": ')).toThrow('not JSON');
});

verifies('ORCH-1420', 'system_profiler tells the devices of Apple, which have no memory of their own', () => {
  const devices = [
    { sppci_model: 'Apple M3 Max', spdisplays_vendor: 'sppci_vendor_Apple', sppci_cores: '40' },
    { sppci_model: 'Radeon Pro 5500M', spdisplays_vendor: 'sppci_vendor_amd' },
  ];
  const text = JSON.stringify({ SPDisplaysDataType: devices });
  expect(parseSystemProfiler(text)).toEqual([{ id: 'apple:0', vendor: 'apple', name: 'Apple M3 Max' }]);
  expect(parseSystemProfiler('{}')).toEqual([]);
  expect(() => parseSystemProfiler('null')).toThrow('not understood');
});
