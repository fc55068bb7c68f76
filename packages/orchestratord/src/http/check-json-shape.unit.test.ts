// SPDX-License-Identifier: MIT
import { propertyRun, verifies } from '@llama-orch/test-kit';
import fc from 'fast-check';
import { expect } from 'vitest';
import { checkJsonShape } from './check-json-shape.ts';

const MAX_DEPTH = 8;

function refusalOf(text: string): unknown {
  try {
    checkJsonShape(text, MAX_DEPTH);
    return undefined;
  } catch (error) {
    const { code, details } = error as { code: string; details: object };
    return { code, ...details };
  }
}

verifies('ORCH-2022', 'any JSON that is not too deep passes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: MAX_DEPTH - 1 }), fc.nat(3), (value, indent) => {
      expect(refusalOf(JSON.stringify(value, undefined, indent))).toBeUndefined();
    }),
    propertyRun,
  );
});

verifies('ORCH-2022', 'one level too many is refused, wherever it is', () => {
  const deepest = '['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH);
  expect(refusalOf(deepest)).toBeUndefined();
  const tooDeep = { code: 'PAYLOAD_TOO_LARGE', field: '$', limit: MAX_DEPTH, unit: 'levels' };
  for (const text of [`[${deepest}]`, `{"a":1,"b":[2,${deepest}]}`, '[{"a":'.repeat(500_000)]) {
    expect(refusalOf(text)).toEqual(tooDeep);
  }
});

verifies('ORCH-2022', 'brackets and quotes in texts are not levels', () => {
  expect(refusalOf(JSON.stringify({ prompt: '[[[[[[[[[[[["\\"{{{{{{{{{{', 'a"b\\': '\\\\"' }))).toBeUndefined();
});

verifies('ORCH-2022', 'a repeated key is refused with its path, however it is written', () => {
  const cases = {
    '{"a":1,"a":2}': '$.a',
    '{"a":{"b":1,"c":2,"b":3}}': '$.a.b',
    '{"list":[1,{"x":1},{"x":1,"y":[],"x":2}]}': '$.list[2].x',
    '{"a":1,"\\u0061":2}': '$.a',
    '{"":1,"":2}': '$.',
    '{"__proto__":1,"__proto__":2}': '$.__proto__',
  };
  for (const [text, field] of Object.entries(cases)) expect(refusalOf(text)).toEqual({ code: 'INVALID_PARAMS', field });
});

verifies('ORCH-2022', 'the same key in different objects passes', () => {
  expect(refusalOf('{"a":{"a":{"a":[{"a":1},{"a":1}]}},"b":{"a":1}}')).toBeUndefined();
});

verifies('ORCH-2022', 'more values than the bound are refused', () => {
  const refusal = { code: 'PAYLOAD_TOO_LARGE', field: '$', limit: 65_536, unit: 'values' };
  expect(refusalOf(`[${'0,'.repeat(65_535)}0]`)).toBeUndefined();
  expect(refusalOf(`[${'0,'.repeat(65_536)}0]`)).toEqual(refusal);
});

verifies('ORCH-2022', 'text that is not JSON never fails in another way', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'a', '1', ' ', '\\u00')), (parts) => {
      const refusal = refusalOf(parts.join('')) as { code: string } | undefined;
      expect([undefined, 'INVALID_PARAMS', 'PAYLOAD_TOO_LARGE']).toContain(refusal?.code);
    }),
    propertyRun,
  );
});
