// SPDX-License-Identifier: MIT
import { createProcessHost } from './cli-host.ts';
import { runCli } from './run-cli.ts';

process.exitCode = await runCli(process.argv.slice(2), createProcessHost());
