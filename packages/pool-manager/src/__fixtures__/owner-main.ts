// SPDX-License-Identifier: MIT
import { engineRig, until } from './engine-processes.ts';

// A process that owns a stubborn engine with a child, says their pids and waits for its end.

const rig = await engineRig({
  args: ['--stubborn', '--parent'],
  ...(process.argv[2] ? { directory: process.argv[2] } : {}),
});
await rig.replica.load();
const childLine = (): string | undefined => rig.replica.view().logTail.find((line) => line.startsWith('child '));
await until(() => childLine() !== undefined);
process.stdout.write(`${JSON.stringify([rig.pid(), Number(childLine()?.slice(6))])}\n`);
setInterval(() => undefined, 60_000);
