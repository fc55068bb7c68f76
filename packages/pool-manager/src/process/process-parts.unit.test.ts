// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { engineEnvironment } from './engine-environment.ts';
import { fillTemplate } from './fill-template.ts';
import { LogTail } from './log-tail.ts';
import { parseProcessStat } from './process-session.ts';

verifies('ORCH-1402', 'placeholders are filled in place, other braces stay, and one without a value is refused', () => {
  const values = { port: '9', model: 'a {port} b', slots: undefined };
  expect(fillTemplate(['-m', '{model}', '--p={port}{port}', '{"x": {port}}', '{bos}', '{}'], values)).toEqual([
    '-m',
    'a {port} b',
    '--p=99',
    '{"x": 9}',
    '{bos}',
    '{}',
  ]);
  expect(() => fillTemplate(['{slots}'], values)).toThrow('The placeholder {slots} in its command has no value here.');
});

verifies('ORCH-1402', 'the mask of devices wins over what is set, and nothing unnamed gets through', () => {
  const environment = engineEnvironment({
    own: { PATH: '/bin', LLORCH_API_TOKEN: 'secret', HF_TOKEN: 'wanted', EMPTY: undefined },
    inherit: ['HF_TOKEN', 'EMPTY'],
    set: { CUDA_VISIBLE_DEVICES: '7', A: 'b' },
    mask: { CUDA_VISIBLE_DEVICES: '1' },
  });
  expect(environment).toEqual({ PATH: '/bin', HF_TOKEN: 'wanted', A: 'b', CUDA_VISIBLE_DEVICES: '1' });
});

verifies('ORCH-1403', 'the last lines of two streams are kept whole, in whatever pieces they come', () => {
  const tail = new LogTail(3);
  const [out, err] = [tail.openStream(), tail.openStream()];
  out.push(Buffer.from('one\r\ntw'));
  err.push(Buffer.from('other\n'));
  const umlaut = Buffer.from('ü');
  out.push(Buffer.concat([Buffer.from('o '), umlaut.subarray(0, 1)]));
  out.push(Buffer.concat([umlaut.subarray(1), Buffer.from('\n\n50 %\r100 %')]));
  expect(tail.lines).toEqual(['other', 'two ü', '50 %']);
  out.end();
  expect(tail.lines).toEqual(['two ü', '50 %', '100 %']);
});

verifies('ORCH-1403', 'an endless line costs a bounded piece of memory', () => {
  const tail = new LogTail(2);
  const stream = tail.openStream();
  for (let count = 0; count < 1_000; count += 1) stream.push(Buffer.from('x'.repeat(1_000)));
  stream.push(Buffer.from('\nnext\n'));
  expect(tail.lines.map((line) => line.length)).toEqual([502, 4]);
});

verifies('ORCH-1404', 'the name of a process cannot forge its identity', () => {
  const rest = `S 1 77 78 ${'0 '.repeat(15)}4242 0`;
  expect(parseProcessStat(`123 (a) R 9 9 (b) ${rest}`)).toMatchObject({
    pid: 123,
    session: 78,
    isZombie: false,
    startTicks: 4242,
  });
  expect(parseProcessStat(`123 (x) ${rest.replace('S', 'Z')}`)?.isZombie).toBe(true);
  expect(parseProcessStat('nonsense')).toBeUndefined();
});
