// SPDX-License-Identifier: MIT
import { open, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Argument, type Command } from 'commander';
import type { Perform } from '../run-cli.ts';
import { restoreStore } from '../service/restore-store.ts';

/** `store`: how the store of tasks is, or that lost records have been noted. */
export function addStore(program: Command, perform: Perform): void {
  program
    .command('store')
    .description('show how the store of tasks is, or acknowledge lost records')
    .addArgument(new Argument('[action]', 'acknowledge: take note of lost records').choices(['acknowledge']))
    .action((action: 'acknowledge' | undefined, _options: object, command: Command) =>
      perform(command, async ({ client, printer }) => {
        const store = await (action === undefined ? client.store() : client.acknowledgeLostRecords());
        const { backend, state, lost_records: lostCount } = store;
        printer.answer(store, [`backend       ${backend}`, `state         ${state}`, `lost records  ${lostCount}`]);
        return 'ok';
      }),
    );
}

/** `backup`: a copy of the store of a running service. */
export function addBackup(program: Command, perform: Perform): void {
  program
    .command('backup')
    .description('copy the tasks of the running service into a file')
    .argument('<file>', 'file to write; it must not exist')
    .action((file: string, _options: object, command: Command) =>
      perform(command, async ({ client, printer }) => {
        const bytes = await writeWhole(file, async () => client.backUpStore());
        printer.answer({ file, bytes }, [`${file} holds ${bytes} bytes`]);
        return 'ok';
      }),
    );
}

/** `restore`: a backup in the place of an empty store. */
export function addRestore(program: Command, perform: Perform): void {
  program
    .command('restore')
    .description('put a backup into the empty directory of a service that does not run')
    .argument('<file>', 'file written by backup')
    .option('--config <file>', 'configuration that names the directory; that of the default service when absent')
    .action((file: string, { config }: { config?: string }, command: Command) =>
      perform(command, async ({ host, printer }) => {
        const { isRestored, lines } = await restoreStore({
          file,
          env: host.env,
          ...(config && { configFile: config }),
        });
        if (isRestored) printer.answer({ file, restored: true }, lines);
        else if (printer.isJson) printer.item({ error: { message: lines.join(' ') } });
        else for (const line of lines) printer.note(line);
        return isRestored ? 'ok' : 'config';
      }),
    );
}

/** ORCH-2640: the file is there as a whole or not at all. Resolves with its size in bytes. */
async function writeWhole(file: string, read: () => Promise<ReadableStream<Uint8Array>>): Promise<number> {
  // Taken at once, so that two backups do not meet in one file.
  await (await open(file, 'wx', 0o600)).close();
  const partial = `${file}.partial`;
  try {
    const handle = await open(partial, 'w', 0o600);
    await pipeline(Readable.from(await read()), handle.createWriteStream({ flush: true }));
    await rename(partial, file);
  } catch (error) {
    await Promise.all([file, partial].map((path) => rm(path, { force: true })));
    throw error;
  }
  const written = await open(file);
  const { size } = await written.stat();
  await written.close();
  return size;
}
