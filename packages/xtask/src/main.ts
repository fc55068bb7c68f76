// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { COMMANDS, isCommandName } from './commands.ts';

const [name = 'help'] = process.argv.slice(2);

if (isCommandName(name)) {
  const root = join(import.meta.dirname, '../../..');
  const passed = await COMMANDS[name]({ root, print: (line) => console.log(line) });
  process.exitCode = passed ? 0 : 1;
} else {
  console.error(`xtask has no command "${name}"; try: npm run xtask help`);
  process.exitCode = 2;
}
