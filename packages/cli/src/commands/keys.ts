// SPDX-License-Identifier: MIT
import { createHash, randomBytes } from 'node:crypto';
import { InvalidArgumentError, type Command } from 'commander';
import type { Perform } from '../run-cli.ts';

/** Bytes of a new key: nobody guesses it, so its plain digest is safe to keep. */
const KEY_BYTES = 32;
const MIN_KEY_LENGTH = 16;

interface Entry {
  readonly id: string;
  readonly sha256: string;
}

/** `keys`: makes entries of a key file; the keys themselves are never in it. */
export function addKeys(program: Command, perform: Perform): void {
  const keys = program.command('keys').description('make entries of a key file');
  keys
    .command('new')
    .description('draw a key, print it once, and print its entry')
    .argument('<id>', 'name of the key', parseId)
    .action((id: string, _options: object, command: Command) =>
      perform(command, async ({ printer }) => {
        const key = randomBytes(KEY_BYTES).toString('base64url');
        const entry = entryOf(id, key);
        printer.note('The key, shown this once; its holder sets it as LLORCH_API_TOKEN:');
        printer.note(`  ${key}`);
        printer.note('Its entry, for the list of keys in the key file:');
        printer.answer({ ...entry, key }, [toYaml(entry)]);
        return 'ok';
      }),
    );
  keys
    .command('hash')
    .description('print the entry of a key that is read from standard input')
    .argument('<id>', 'name of the key', parseId)
    .action((id: string, _options: object, command: Command) =>
      perform(command, async ({ host, printer }) => {
        // ORCH-2629: an argument would leave the key in the shell's history.
        const key = (await host.readInput()).trim();
        if (key.length < MIN_KEY_LENGTH || !/^[\x21-\x7e]+$/.test(key)) {
          printer.note(`llama-orch: a key has at least ${MIN_KEY_LENGTH} printable ASCII characters and no blanks`);
          return 'usage';
        }
        const entry = entryOf(id, key);
        printer.answer(entry, [toYaml(entry)]);
        return 'ok';
      }),
    );
}

function entryOf(id: string, key: string): Entry {
  return { id, sha256: createHash('sha256').update(key).digest('hex') };
}

function toYaml({ id, sha256 }: Entry): string {
  return `- { id: ${id}, sha256: ${sha256} }`;
}

function parseId(value: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(value)) return value;
  throw new InvalidArgumentError('A name has lower-case letters, digits, dots, dashes and underscores.');
}
