// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { createNodePorts } from './create-node-ports.ts';

const { clock, digest, ids, logger, meter, random } = createNodePorts();

verifies('ORCH-1061', 'the ports of Node keep what the core was promised of them', async () => {
  const before = clock.nowMs();
  let fired = false;
  const firing = new Promise<void>((resolve) => {
    clock.setTimer(0, () => {
      fired = true;
      resolve();
    });
  });
  clock.setTimer(0, () => expect.unreachable('canceled')).cancel();
  // Longer than Node's own timers can wait: those would fire at once.
  const far = clock.setTimer(2 ** 40, () => expect.unreachable('too early'));
  expect(fired).toBe(false);
  await firing;
  far.cancel();
  expect(clock.nowMs()).toBeGreaterThanOrEqual(before);

  const running = digest.startSha256();
  running.update('ha');
  const half = running.hex();
  running.update('iku ü');
  expect([half, running.hex()]).toEqual([digest.sha256Hex('ha'), digest.sha256Hex('haiku ü')]);
  expect(digest.sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

  const numbers = Array.from({ length: 1_000 }, () => random.nextUint32());
  expect(numbers.every((number) => Number.isInteger(number) && number >= 0 && number < 2 ** 32)).toBe(true);
  expect(new Set(numbers).size).toBeGreaterThan(990);
  expect(ids.nextUuid()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

verifies('ORCH-1061', 'log lines and figures go where the program says, and nowhere else', () => {
  logger.log('error', 'Nobody hears this.', {});
  meter.set('queue_depth', { pool_id: 'a', priority: 'batch' }, 1);
  const lines: string[] = [];
  createNodePorts({ logger: { log: (level, human) => lines.push(`${level} ${human}`) } }).logger.log(
    'info',
    'Heard.',
    {},
  );
  expect(lines).toEqual(['info Heard.']);
});
