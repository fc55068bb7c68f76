// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';

const LOWEST = 20_000;
const COUNT = 10_000;

/**
 * A TCP port that nothing listens on and that no outgoing connection is given: while a service is down its clients
 * knock at its port, and from the range of outgoing ports one of them would end up connected to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + randomInt(COUNT);
    const probe = createServer();
    const listening = once(probe, 'listening');
    probe.listen(port, '127.0.0.1');
    const isFree = await listening.then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
