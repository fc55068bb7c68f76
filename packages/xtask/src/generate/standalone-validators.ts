// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { Ajv2020, type AnySchemaObject, type Options } from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';
import { rolldown } from 'rolldown';

/** What is compiled into one file. */
export interface ValidatorSource {
  /** Schemas that others refer to by id. */
  readonly schemas: readonly AnySchemaObject[];
  /** Export name to schema id or pointer, as in `contract#/components/schemas/Task`. */
  readonly exports: Readonly<Record<string, string>>;
  readonly options?: Options;
  /** Keywords of the contract that say nothing about validity. */
  readonly vocabulary?: readonly string[];
}

/** Compiles schemas into one self-contained ES module that needs neither ajv nor `eval` when it runs. */
export async function standaloneValidators(root: string, source: ValidatorSource): Promise<string> {
  const ajv = new Ajv2020({
    code: { source: true, esm: true, lines: false },
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
    ...source.options,
  });
  addFormats.default(ajv);
  ajv.addVocabulary([...(source.vocabulary ?? [])]);
  for (const schema of source.schemas) ajv.addSchema(schema);
  return bundle(root, standaloneCode.default(ajv, { ...source.exports }));
}

/** ajv's ES module output still calls `require` for its small run-time functions: bundle them in. */
async function bundle(root: string, code: string): Promise<string> {
  const id = join(root, 'packages/xtask/src/standalone-entry.js');
  const build = await rolldown({
    input: id,
    platform: 'neutral',
    resolve: { mainFields: ['main'] },
    plugins: [
      { name: 'entry', resolveId: (name) => (name === id ? id : null), load: (name) => (name === id ? code : null) },
    ],
    onLog: (level, log) => {
      if (level !== 'info' && level !== 'debug') throw new Error(log.message);
    },
  });
  const { output } = await build.generate({ format: 'esm', minify: true, comments: false });
  await build.close();
  return output[0].code;
}
