// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { COMMANDS } from './commands.ts';

const root = join(import.meta.dirname, '../../..');
const [name = 'help', ...args] = process.argv.slice(2);
const command = COMMANDS.find((candidate) => candidate.name === name);

if (command === undefined) {
  console.error(`xtask has no command "${name}"; try: npm run xtask help`);
  process.exitCode = 2;
} else {
  process.exitCode = await command.run({ root, args, print: (line) => console.log(line) });
}
