// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { artifactIdOf, isArtifactId } from './artifact-id.ts';
import { canonicalContent } from './canonical-content.ts';

const text = (value: Parameters<typeof canonicalContent>[0]): string => Buffer.from(canonicalContent(value)).toString();

verifies('ORCH-1330', 'equal values have one canonical form, whatever their order and white space', () => {
  const one = JSON.parse('{"b": [1, 2.50, 1e3], "a": {"y": null, "x": "\\u00e9"}}') as object;
  const other = JSON.parse('{"a":{"x":"é","y":null},"b":[1.0,2.5,1000]}') as object;
  expect(text(one as never)).toBe('{"a":{"x":"é","y":null},"b":[1,2.5,1000]}');
  expect(text(other as never)).toBe(text(one as never));
  expect(text([{ a: { 9: 1, 10: [{ d: 3, c: 2 }] } }])).toBe('[{"a":{"10":[{"c":2,"d":3}],"9":1}}]');
});

verifies('ORCH-1330', 'the canonical form is that of RFC 8785', () => {
  const numbers = [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27, -0];
  const string = '€$\u000f\nA\'B"\\\\"/';
  expect(text({ numbers, string, literals: [null, true, false] })).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  const keys = { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 };
  expect(text(keys)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
});

verifies('ORCH-1330', 'text that has no UTF-8 is refused, text that only looks like it is not', () => {
  for (const broken of ['\ud800', 'a\udfffb', '\\\ud83d']) {
    expect(() => canonicalContent({ broken })).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMS', details: expect.objectContaining({ field: '$.content' }) }),
    );
    expect(() => canonicalContent({ [broken]: 1 })).toThrow();
  }
  for (const sound of ['\\ud800', '\\\\udfff', '😀', '\ud83d\ude00']) expect(text(sound)).toBe(JSON.stringify(sound));
});

verifies('ORCH-1330', 'the id is the digest of the canonical form', () => {
  const content = canonicalContent({ a: 'é' });
  expect(artifactIdOf(content)).toBe(`sha256:${createHash('sha256').update('{"a":"é"}').digest('hex')}`);
});

verifies(['ORCH-1330', 'ORCH-1335'], 'an id has one form and no other', () => {
  const digits = 'ab'.repeat(32);
  expect(isArtifactId(`sha256:${digits}`)).toBe(true);
  for (const wrong of [
    '',
    digits,
    `sha256:${digits.slice(1)}`,
    `sha256:${digits}0`,
    `sha256:${digits}\n`,
    `sha256:${digits.toUpperCase()}`,
    `SHA256:${digits}`,
    `sha256:${digits.slice(2)}ａｂ`,
    `sha256:${'..'.repeat(32)}`,
    `sha256:../../${digits.slice(6)}`,
    `sha256:..%2f${digits.slice(5)}`,
    `sha256:${digits.slice(1)}\0`,
    `sha512:${digits}`,
    ` sha256:${digits}`,
  ]) {
    expect(isArtifactId(wrong), wrong).toBe(false);
  }
});
