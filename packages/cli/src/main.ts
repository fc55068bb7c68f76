// SPDX-License-Identifier: MIT
import { createProcessHost } from './cli-host.ts';
import { runCli } from './run-cli.ts';

const exitCode = await runCli(process.argv.slice(2), createProcessHost());
// A served service has set its own.
process.exitCode ??= exitCode;
