// SPDX-License-Identifier: MIT
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { createAmdDeviceProvider } from './amd-devices.ts';
import { createAppleDeviceProvider } from './apple-devices.ts';
import { createNvidiaDeviceProvider } from './nvidia-devices.ts';

const never = new AbortController().signal;

/** A tool that does what a shell script says. */
async function toolOf(script: string): Promise<AsyncDisposable & { readonly command: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'device-tool-'));
  const command = join(folder, 'tool');
  await writeFile(command, `#!/bin/sh\n${script}\n`);
  await chmod(command, 0o755);
  return { command, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

verifies('ORCH-1420', 'a machine without the tools has no devices, without an error', async () => {
  await using _leaks = watchLeaks();
  const command = join(tmpdir(), 'no-such-tool');
  for (const create of [createNvidiaDeviceProvider, createAmdDeviceProvider, createAppleDeviceProvider]) {
    expect(await create({ command }).read(never)).toEqual([]);
  }
});

verifies('ORCH-1420', 'nvidia-smi is asked for numbers without units', async () => {
  await using _leaks = watchLeaks();
  await using tool = await toolOf('echo "0, 100, 60, 5, 550, $1 $2"');
  const [device] = await createNvidiaDeviceProvider(tool).read(never);
  expect(device).toMatchObject({ totalBytes: 100 * 1024 ** 2, freeBytes: 60 * 1024 ** 2, utilizationRatio: 0.05 });
  const fields = 'index, memory.total, memory.free, utilization.gpu, driver_version, name';
  // The tool's own commas were read as those of a name.
  expect(device?.name).toBe(`--query-gpu=${fields} --format=csv, noheader, nounits`);
});

verifies('ORCH-1420', 'a tool that fails says why', async () => {
  await using _leaks = watchLeaks();
  await using tool = await toolOf('echo "NVIDIA-SMI has failed because it could not reach the driver."; exit 9');
  await expect(createNvidiaDeviceProvider(tool).read(never)).rejects.toMatchObject({
    code: 'INTERNAL',
    message: `${tool.command} failed: NVIDIA-SMI has failed because it could not reach the driver.`,
  });
});

verifies('ORCH-1420', 'a tool that hangs is killed, at its limit or when nobody wants the answer', async () => {
  await using _leaks = watchLeaks();
  await using tool = await toolOf('exec sleep 600');
  const hanging = createNvidiaDeviceProvider({ ...tool, timeoutMs: 50 });
  await expect(hanging.read(never)).rejects.toThrow('did not answer within 50 ms.');
  const abort = new AbortController();
  const aborted = createNvidiaDeviceProvider(tool).read(abort.signal);
  abort.abort();
  await expect(aborted).rejects.toThrow('was aborted.');
});
