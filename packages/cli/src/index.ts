// SPDX-License-Identifier: MIT
export { createProcessHost, type CliHost, type TextSink } from './cli-host.ts';
export { EXIT_CODES, type ExitReason } from './exit-codes.ts';
export { runCli } from './run-cli.ts';
