// SPDX-License-Identifier: MIT
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import type { CommandContext, Perform } from '../run-cli.ts';
import { examine, type Finding } from '../doctor/examine.ts';
import { checkConfig } from '../service/check-config.ts';
import { findOrchestratord } from '../service/orchestratord.ts';

/** `check`: whether the service would start with a configuration. */
export function addCheck(program: Command, perform: Perform): void {
  program
    .command('check')
    .description('check a configuration file without starting anything')
    .argument('<file>', 'YAML file')
    .action((file: string, _options: object, command: Command) =>
      perform(command, async ({ host, printer }) => {
        const verdict = await checkConfig(file, host.env);
        const lines = verdict.problems.map(
          ({ path, expected, actual }) => `${path}: expected ${expected}, found ${actual}`,
        );
        printer.answer(verdict, verdict.valid ? [`${file} is valid`] : lines);
        return verdict.valid ? 'ok' : 'config';
      }),
    );
}

/** `doctor`: what would keep llama-orch from working here. */
export function addDoctor(program: Command, perform: Perform): void {
  program
    .command('doctor')
    .description('check this machine, the configuration and the service')
    .option('--config <file>', 'configuration to check')
    .action((options: { config?: string }, command: Command) =>
      perform(command, async ({ host, printer, url, client }: CommandContext) => {
        const findings: Finding[] = [];
        const examination = { url, client, env: host.env, ...(options.config && { configFile: options.config }) };
        for await (const finding of examine(examination)) {
          findings.push(finding);
          if (!printer.isJson) printer.answer(undefined, [formatFinding(finding)]);
        }
        const healthy = findings.every(({ ok }) => ok);
        if (printer.isJson) printer.item({ ok: healthy, findings });
        return healthy ? 'ok' : 'failed';
      }),
    );
}

/** `serve`: the service itself, in this terminal. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the service in this terminal')
    .option('--config <file>', 'configuration; the embedded model on 127.0.0.1:8080 when absent')
    .action(async ({ config }: { config?: string }) => {
      const { main } = findOrchestratord();
      // ORCH-2632: one process, so that signals, output and exit code are the service's own.
      process.argv = [process.execPath, main, ...(config === undefined ? [] : ['--config', config])];
      await import(pathToFileURL(main).href);
    });
}

function formatFinding({ ok, name, detail }: Finding): string {
  return `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(8)}  ${detail}`;
}
