// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { parseFrame } from './sse-reader.ts';

verifies('ORCH-8003', 'a frame is kept byte for byte', () => {
  const raw = 'id: 1a2b3c4d:1\nevent: token\ndata: {"t":"a","i":0}\n\n';
  expect(parseFrame(raw)).toEqual({ id: '1a2b3c4d:1', event: 'token', data: { t: 'a', i: 0 }, raw });
});

verifies('ORCH-8003', 'anything else is an error', () => {
  const wrong = [
    'event: token\ndata: {}\n\n',
    'id: 1\ndata: {}\n\n',
    'id: 1\nevent: token\n\n',
    'id: 1\nevent: token\ndata: {}\ndata: {}\n\n',
    'id: 1\nevent: token\ndata: {"t":\n\n',
    'id: 1\nevent: token\ndata: {}\nretry: 5\n\n',
    'id:1\r\nevent:token\r\ndata:{}\n\n',
  ];
  for (const raw of wrong) expect(() => parseFrame(raw), raw).toThrow();
});
