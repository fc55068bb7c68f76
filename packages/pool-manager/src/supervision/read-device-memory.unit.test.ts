// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { replicaRig } from '../__fixtures__/fake-engines.ts';
import type { DeviceProvider, DeviceReading } from '../devices/device-provider.ts';

const never = new AbortController().signal;
const card = (id: 'nvidia:0' | 'nvidia:1' | 'nvidia:2', freeBytes?: number): DeviceReading => ({
  id,
  vendor: 'nvidia',
  name: 'card',
  ...(freeBytes === undefined ? {} : { freeBytes }),
});

verifies(
  'ORCH-1431',
  'a replica tells the room on the devices of its mask, and nothing when one cannot be read',
  async () => {
    let readings: readonly DeviceReading[] = [card('nvidia:0', 7), card('nvidia:1', 5), card('nvidia:2', 3)];
    const deviceProvider: DeviceProvider = { read: () => Promise.resolve(readings) };
    const { replica } = replicaRig({ deviceProvider });
    await replica.load({ devices: ['nvidia:0', 'nvidia:2'] });
    expect(await replica.adapter.metrics(never)).toEqual({
      slotsBusy: 0,
      devices: [
        { id: 'nvidia:0', freeBytes: 7 },
        { id: 'nvidia:2', freeBytes: 3 },
      ],
    });
    readings = [card('nvidia:0', 7), card('nvidia:2')];
    expect(await replica.adapter.metrics(never)).toEqual({ slotsBusy: 0 });
    deviceProvider.read = () => Promise.reject(new Error('no driver'));
    expect(await replica.adapter.metrics(never)).toEqual({ slotsBusy: 0 });
  },
);
