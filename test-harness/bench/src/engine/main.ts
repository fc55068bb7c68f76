// SPDX-License-Identifier: MIT
import type { AddressInfo } from 'node:net';
import { createStampedEngine } from './stamped-engine.ts';

// A process of its own, so that its work is not counted as the relay's. Ends when its parent closes standard input.

const [slots = '256', closesStreams = ''] = process.argv.slice(2);
const server = createStampedEngine({ slots: Number(slots), closesStreams: closesStreams === 'close' });
server.listen(0, '127.0.0.1', () => console.log(String((server.address() as AddressInfo).port)));
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
