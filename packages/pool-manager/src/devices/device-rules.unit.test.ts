// SPDX-License-Identifier: MIT
import type { Logger } from '@llama-orch/orchestrator-core';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { FakeDeviceProvider } from '../testkit/fake-device-provider.ts';
import { deviceOptions, type DeviceWish } from './device-options.ts';
import { isDeviceId } from './device-provider.ts';
import { maskEnvironment } from './mask-environment.ts';
import { createSystemDeviceProvider } from './system-devices.ts';

const never = new AbortController().signal;
const ANY: DeviceWish = { requireGpu: false, split: false };
const twoCards = new FakeDeviceProvider([
  { id: 'nvidia:0', totalBytes: 24 },
  { id: 'nvidia:1', totalBytes: 8 },
]);
const mixed = new FakeDeviceProvider([{ id: 'nvidia:0' }, { id: 'amd:0' }]);

function recorder(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, log: (level, human, { reason }) => void lines.push(`${level} ${human} ${String(reason)}`) };
}

verifies('ORCH-1422', 'the environment of an engine shows it the devices of its mask and no other', () => {
  expect(maskEnvironment(['nvidia:1', 'nvidia:3'])).toEqual({
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    CUDA_VISIBLE_DEVICES: '1,3',
    HIP_VISIBLE_DEVICES: '-1',
  });
  expect(maskEnvironment(['amd:0'])).toEqual({ ROCR_VISIBLE_DEVICES: '0' });
  expect(maskEnvironment([])).toEqual({ CUDA_VISIBLE_DEVICES: '-1', HIP_VISIBLE_DEVICES: '-1' });
  expect(maskEnvironment(['apple:0'])).toEqual({});
  expect(maskEnvironment(undefined)).toEqual({});
});

verifies(
  'ORCH-1422',
  'a replica goes to one device of its mask, and to none when one of them is not there',
  async () => {
    const readings = await twoCards.read(never);
    const wish = (mask: DeviceWish['mask']): DeviceWish => ({ ...ANY, ...(mask === undefined ? {} : { mask }) });
    expect(deviceOptions(wish(undefined), readings)).toEqual({
      outcome: 'possible',
      sets: [['nvidia:0'], ['nvidia:1']],
    });
    expect(deviceOptions(wish(['nvidia:1']), readings)).toEqual({ outcome: 'possible', sets: [['nvidia:1']] });
    expect(deviceOptions(wish([]), readings)).toEqual({ outcome: 'possible', sets: [[]] });
    expect(deviceOptions(wish(['nvidia:2']), readings)).toEqual({
      outcome: 'refused',
      reason: 'Device nvidia:2 is not there; found: nvidia:0, nvidia:1.',
    });
  },
);

verifies('ORCH-1423', 'several devices are used only where the pool says so, and of one vendor only', async () => {
  expect(deviceOptions({ ...ANY, split: true }, await twoCards.read(never))).toEqual({
    outcome: 'possible',
    sets: [['nvidia:0', 'nvidia:1']],
  });
  expect(deviceOptions({ ...ANY, split: true }, await mixed.read(never))).toEqual({
    outcome: 'refused',
    reason: 'A model cannot be split over devices of nvidia and amd.',
  });
});

verifies(
  'ORCH-1424',
  'a pool that requires a GPU is refused without one, with what is missing and what mends it',
  () => {
    const wish = { ...ANY, requireGpu: true };
    expect(deviceOptions(wish, [])).toEqual({
      outcome: 'refused',
      reason:
        'The pool requires a GPU; no device was found. Install the driver and its tool (nvidia-smi or rocm-smi), or set require_gpu to false.',
    });
    expect(deviceOptions(wish, [], "nvidia-smi failed: couldn't communicate with the NVIDIA driver.")).toEqual({
      outcome: 'refused',
      reason:
        "The pool requires a GPU; devices cannot be read (nvidia-smi failed: couldn't communicate with the NVIDIA driver). " +
        'Mend the driver, or set require_gpu to false.',
    });
    expect(deviceOptions({ ...wish, mask: [] }, [])).toMatchObject({ outcome: 'refused' });
    expect(deviceOptions(ANY, [])).toEqual({ outcome: 'possible', sets: [[]] });
  },
);

verifies(['ORCH-1420', 'ORCH-1425'], 'a vendor whose tool fails hides no device of another', async () => {
  const broken = new FakeDeviceProvider([]);
  broken.failWith('rocm-smi failed.');
  const logger = recorder();
  const both = createSystemDeviceProvider({ logger, providers: [twoCards, broken] });
  expect((await both.read(never)).map(({ id }) => id)).toEqual(['nvidia:0', 'nvidia:1']);
  expect(logger.lines).toEqual(['warn Some devices cannot be read. OrchError: rocm-smi failed.']);
  const alone = createSystemDeviceProvider({ logger, providers: [new FakeDeviceProvider([]), broken] });
  await expect(alone.read(never)).rejects.toThrow('rocm-smi failed.');
});

verifies('ORCH-1425', 'fake devices play memory that strangers take, and faults that pass', async () => {
  const devices = new FakeDeviceProvider([{ id: 'nvidia:0', totalBytes: 100 }, { id: 'apple:0' }]);
  devices.take('nvidia:0', 40);
  expect(await devices.read(never)).toEqual([
    { id: 'nvidia:0', vendor: 'nvidia', name: 'Fake nvidia:0', totalBytes: 100, freeBytes: 60 },
    { id: 'apple:0', vendor: 'apple', name: 'Fake apple:0' },
  ]);
  devices.failWith('No driver.');
  await expect(devices.read(never)).rejects.toMatchObject({ code: 'INTERNAL', message: 'No driver.' });
  devices.failWith(undefined);
  devices.take('nvidia:0', -40);
  expect((await devices.read(never))[0]?.freeBytes).toBe(100);
  expect(['nvidia:0', 'nvidia', '0', 'intel:0'].map(isDeviceId)).toEqual([true, false, false, false]);
});
