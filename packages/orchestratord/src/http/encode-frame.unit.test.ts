// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { encodePlainTokens, encodeTokens, frameStart } from './encode-frame.ts';

verifies('ORCH-2130', 'the frame of a token is what JSON makes of its text, whatever is in it', () => {
  const units = Array.from({ length: 0x1_0000 }, (_, unit) => String.fromCharCode(unit));
  const texts = [
    ...units,
    '',
    ' plain text',
    'a "quote"',
    'back\\slash',
    'two\nlines',
    'é',
    '汉字',
    '😀',
    'half \ud83d',
  ];
  const frames = texts.map((text, i) => {
    const data = JSON.stringify({ t: text, i: i + 7 });
    return `id: 1a2b3c4d:${i + 8}\nevent: token\ndata: ${data}\n\n`;
  });
  expect(encodeTokens(frameStart('1a2b3c4d'), 7, texts) === frames.join('')).toBe(true);
});

verifies('ORCH-2130', 'the frames of plain tokens are the same, and as many bytes as characters', () => {
  const start = frameStart('1a2b3c4d');
  const ascii = Array.from({ length: 0x80 }, (_, unit) => String.fromCharCode(unit));
  const plain = ascii.filter((text) => JSON.stringify(text) === `"${text}"`);
  const frames = encodePlainTokens(start, 1_000, plain) ?? '';
  expect(frames).toBe(encodeTokens(start, 1_000, plain));
  expect(Buffer.byteLength(frames)).toBe(frames.length);
  const others = ascii.filter((text) => !plain.includes(text));
  for (const text of [...others, '\u0080', 'é', '汉字', '😀', '\ud83d'])
    expect(encodePlainTokens(start, 1_000, ['a', text, 'b'])).toBeUndefined();
});
