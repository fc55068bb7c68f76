// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A stamped engine in a process of its own. */
export interface EngineProcess extends AsyncDisposable {
  readonly url: string;
}

/** Starts the stamped engine; it ends when it is disposed or this process ends. */
export async function startEngineProcess(slots: number, { closesStreams = false } = {}): Promise<EngineProcess> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, String(slots), ...(closesStreams ? ['close'] : [])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await once(child, 'close');
    },
  };
}
