// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'vitest';
import { verifies } from './verifies.ts';
import { watchLeaks } from './watch-leaks.ts';

verifies('ORCH-9202', 'an open server is a leak until it is closed', async () => {
  const leaks = watchLeaks({ settleLimitMs: 20 });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(leaks.leaked()).toEqual(['TCPServerWrap']);
  await expect(leaks[Symbol.asyncDispose]()).rejects.toThrow('The test leaks 1 handles: TCPServerWrap');
  server.close();
  await leaks[Symbol.asyncDispose]();
});

verifies('ORCH-9202', 'a running timer and a child process are leaks', async () => {
  const leaks = watchLeaks();
  const timer = setInterval(() => undefined, 60_000);
  const child = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  await once(child, 'spawn');
  expect(leaks.leaked()).toEqual(expect.arrayContaining(['ProcessWrap', 'Timeout']));
  clearInterval(timer);
  child.stdin.end();
  await leaks[Symbol.asyncDispose]();
});
