// SPDX-License-Identifier: MIT

/** Every xtask command with its line in `help`, in the order `help` lists them. Loads nothing: Nx reads it as well. */
export const COMMAND_SUMMARIES = {
  help: 'List the commands',
  generate: 'Run every generator',
  check: 'Check that generated files are fresh, then run every gate',
  test: 'Check everything, run every test, print how many passed',
  'check-affected': 'The same for what a change affects, cached',
  'dev-loop': 'Generate, fix and format, then test everything',
  fix: 'Generate, sync project references, fix lint findings, format',
  'regen-openapi': 'Make types, document and validators from contracts/openapi/openapi.yaml',
  'regen-schema': 'Make types, schema and validator from contracts/config.schema.yaml',
  'regen-errors': 'Make the error table and its page from contracts/errors.yaml',
  'regen-metrics': 'Make the metric table and its page from contracts/metrics.yaml',
  'spec-extract': 'Make specs/requirements.json from specs/*.md',
  'spec-lint': 'Check format, ids and ranges of specs/*.md',
  'contract-lint': 'Check ids, examples and error codes of the contracts',
  'metrics-lint': 'Check names, labels, units and buckets of the metrics, and that code records them',
  trace: 'Check that tests, code and contracts cite the requirements of specs/',
  links: 'Check, offline, every relative link and anchor of the Markdown pages',
  tour: 'Check that the symbols docs/tour.md links to exist',
} as const;

/** Name of an xtask command. */
export type CommandName = keyof typeof COMMAND_SUMMARIES;
