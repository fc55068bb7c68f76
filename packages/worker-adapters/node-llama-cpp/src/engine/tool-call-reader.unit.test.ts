// SPDX-License-Identifier: MIT
import type { ToolChoice } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ToolCallReader } from './tool-call-reader.ts';

const SYNTAX = { opening: '<tool_call>\n{"name": "', argumentsOpening: '", "arguments": ' };
const find = { name: 'find', parameters: {} };
const findAll = { name: 'find_all', parameters: {} };

function read(pieces: readonly string[], choice: ToolChoice = 'auto') {
  const reader = new ToolCallReader(SYNTAX, { tools: [find, findAll], choice });
  const text = pieces.map((piece) => reader.push(piece)).join('') + reader.flush();
  return { text, call: reader.call(), constraint: reader.constraint };
}

verifies('ORCH-4227', 'a call is cut out of the text wherever its pieces begin', () => {
  const written = 'I ask.<tool_call>\n{"name": "find_all", "arguments": {"n": 7}';
  for (let size = 1; size <= '<tool_call>\n{"na'.length; size += 1) {
    const head = 'I ask.<tool_call>\n{"name": "find_all", "arguments": '.length;
    const pieces: string[] = [];
    for (let at = 0; at < head; at += size) pieces.push(written.slice(at, Math.min(at + size, head)));
    const { text, call } = read([...pieces, written.slice(head)]);
    expect([text, call]).toEqual(['I ask.', { name: 'find_all', arguments: '{"n": 7}' }]);
  }
});

verifies('ORCH-4227', 'the model is held first to the names and then to the tool', () => {
  expect(read(['text']).constraint).toBeUndefined();
  expect(read(['<tool_call>\n{"']).constraint).toEqual({
    kind: 'texts',
    texts: ['name": "find", "arguments": ', 'name": "find_all", "arguments": '],
  });
  const { constraint, call } = read(['<tool_call>', '\n{"name": "find', '", "arguments": ', '{}']);
  expect(constraint).toEqual({ kind: 'arguments', tool: find, index: 0 });
  expect(call).toEqual({ name: 'find', arguments: '{}' });
});

verifies('ORCH-4227', 'who must call begins with a call', () => {
  expect(read([], 'required').constraint).toMatchObject({
    texts: ['<tool_call>\n{"name": "find", "arguments": ', '<tool_call>\n{"name": "find_all", "arguments": '],
  });
});

verifies('ORCH-4227', 'what only looks like a call stays text', () => {
  const pieces = ['a <tool', '_call>{"x"', ' <tool_call>\n', 'end'];
  expect(read(pieces)).toEqual({ text: pieces.join(''), call: undefined, constraint: undefined });
  expect(read(['a <tool_ca']).text).toBe('a <tool_ca');
});
