// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { checkGbnf } from './check-gbnf.ts';

const RIGHT = [
  'root ::= "a"',
  'root ::= line "\\n" line\nline ::= [a-z -]+ # a comment\n',
  '# first\nroot ::=\n  "a" | b-1\n\nb-1 ::= ("x" |\n "y")* [^\\]\\x41]{2,3} .',
  'root ::= ("a" | "b"){2} [0-9]{1,} "\\u00e9"?\r\nother ::= root',
  'root ::= ',
];
const WRONG = [
  ['', 'no rule named root'],
  ['nonsense', '::= is missing'],
  ['x ::= "a"', 'no rule named root'],
  ['root ::= foo', 'used but not defined'],
  ['root ::= "a" ( "b"', 'a group does not end'],
  ['root ::= "a', 'a text does not end'],
  ['root ::= [a-z', 'a character class does not end'],
  ['root ::= * "a"', 'a line end is missing'],
  ['root ::= "a"{3,2}', 'out of range'],
  ['root ::= "a"{9999}', 'out of range'],
  ['root ::= ("a"{40} | "b"){40}', 'out of range'],
  ['root ::= "a"?*', 'a repetition is repeated'],
  ['root ::= []', 'a character class does not end'],
  ['root ::= "a" ) "b"', 'a line end is missing'],
  ['root ::= "a"\nb := "x"', '::= is missing in line 2'],
  [`root ::= ${'('.repeat(100)}`, 'too deep'],
] as const;

verifies('ORCH-4218', 'a correct grammar has no fault', () => {
  for (const grammar of RIGHT) expect(checkGbnf(grammar), grammar).toBeUndefined();
});

verifies('ORCH-4218', 'a fault names its line and never quotes the grammar', () => {
  for (const [grammar, fault] of WRONG) expect(checkGbnf(grammar), grammar).toContain(fault);
  expect(checkGbnf('root ::= secret-word "hidden')).not.toMatch(/secret|hidden/);
});
