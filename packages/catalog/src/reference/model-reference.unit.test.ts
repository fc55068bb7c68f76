// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { formatReference, parseReference } from './model-reference.ts';

verifies('ORCH-1600', 'every form of a reference is read, and written in one way', () => {
  const forms: readonly (readonly [string, unknown, string])[] = [
    ['file:a/b.gguf', { form: 'file', path: 'a/b.gguf' }, 'file:a/b.gguf'],
    ['a/b.gguf', { form: 'file', path: 'a/b.gguf' }, 'file:a/b.gguf'],
    ['file:///data/m.gguf', { form: 'file', path: '/data/m.gguf' }, 'file:/data/m.gguf'],
    ['file:/data/m.gguf', { form: 'file', path: '/data/m.gguf' }, 'file:/data/m.gguf'],
    ['hf:org/repo', { form: 'hub', owner: 'org', repository: 'repo' }, 'hf:org/repo'],
    [
      'HF:org/repo/sub/m-Q8_0.gguf',
      { form: 'hub', owner: 'org', repository: 'repo', file: 'sub/m-Q8_0.gguf' },
      'hf:org/repo/sub/m-Q8_0.gguf',
    ],
    [
      'https://Models.Example/m.gguf',
      { form: 'https', url: 'https://models.example/m.gguf' },
      'https://models.example/m.gguf',
    ],
  ];
  for (const [text, reference, written] of forms) {
    expect(parseReference(text)).toEqual(reference);
    expect(formatReference(parseReference(text))).toBe(written);
  }
});

verifies('ORCH-1600', 's3 and oci are refused as not built, other forms as unknown, each naming the field', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['s3://bucket/m.gguf', /s3: is not built/],
    ['oci://registry/m:1', /oci: is not built/],
    ['http://models.example/m.gguf', /hf:org/],
    ['ftp://models.example/m.gguf', /hf:org/],
    ['', /characters/],
    ['x'.repeat(2_049), /characters/],
    ['hf:org', /hf:org\/repo/],
    ['hf:org/repo/readme.md', /hf:org\/repo/],
    ['hf:org/../etc/m.gguf', /hf:org\/repo/],
    ['hf:org/repo/%2e%2e/m.gguf', /hf:org\/repo/],
    ['hf:org/repo@main', /hf:org\/repo/],
    ['https://', /whole/],
    ['https://user:secret@models.example/m.gguf', /user and password/],
    ['https://models.example/m.gguf?token=secret', /query/],
    ['https://models.example/m.gguf#x', /query/],
  ];
  for (const [text, expected] of refused) {
    expect(() => parseReference(text), text).toThrow(
      expect.objectContaining({
        code: 'INVALID_PARAMS',
        details: { field: '$.model_ref', expected: expect.stringMatching(expected) as unknown },
      }),
    );
  }
});

verifies('ORCH-1601', 'a path that climbs, hides or reads differently elsewhere is no reference', () => {
  const hostile = [
    '../m.gguf',
    'a/../../m.gguf',
    'file:../m.gguf',
    'file:a/./m.gguf',
    '/etc/passwd',
    'file://host/m.gguf',
    'file:',
    'file:/',
    'a//m.gguf',
    '..\\m.gguf',
    'a\\m.gguf',
    'C:\\m.gguf',
    'a:stream',
    'm.gguf.',
    'a /m.gguf',
    'm\u0000.gguf',
    'm\n.gguf',
    'e\u0301.gguf',
    '%2e%2e/\u202em.gguf/..',
  ];
  for (const text of hostile) {
    expect(() => parseReference(text), JSON.stringify(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMS' }),
    );
  }
});
