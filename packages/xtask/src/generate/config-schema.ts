// SPDX-License-Identifier: MIT
import { typescriptFile, type FileGenerator } from '../generated-file.ts';
import { readYaml } from '../read-yaml.ts';
import { uncheckedFile } from './api-schema.ts';
import { openapiTypes } from './openapi-types.ts';
import { standaloneValidators } from './standalone-validators.ts';

const SOURCE = 'contracts/config.schema.yaml';
const ORIGIN = { source: SOURCE, command: 'regen-schema' };
const HOME = 'contracts/config-schema/src';

interface ConfigSchema extends Readonly<Record<string, unknown>> {
  readonly $defs?: Readonly<Record<string, unknown>>;
}

/** The configuration schema as a module, as types, and as a compiled validator that fills in defaults. */
export const generateConfigSchema: FileGenerator = async (root) => {
  const schema = (await readYaml(root, SOURCE)) as ConfigSchema;
  const names = ['Config', ...Object.keys(schema.$defs ?? {})];
  const schemaModule = `
/** The JSON schema (2020-12) of the configuration file. */
export const configSchema: Readonly<Record<string, unknown>> = ${JSON.stringify(schema)};
`;
  const { $id: _, ...anonymous } = schema;
  const validator = await standaloneValidators(root, {
    schemas: [{ ...anonymous, $id: 'config' }],
    exports: {
      validateConfig: 'config',
      validateKeyFile: 'config#/$defs/KeyFile',
      validateSamplerProfile: 'config#/$defs/SamplerProfile',
    },
    options: { allErrors: true, useDefaults: true, strictTypes: false },
    vocabulary: ['example'],
  });
  const index = `export { configSchema } from './generated/config-schema.ts';
export type { ${[...names].sort().join(', ')} } from './generated/config-types.ts';
export {
  isConfig,
  isKeyFile,
  isSamplerProfile,
  type ConfigValidator,
  type ConfigViolation,
  type KeyFileValidator,
  type SamplerProfileValidator,
} from './is-config.ts';
`;
  return [
    await typescriptFile(`${HOME}/generated/config-schema.ts`, ORIGIN, schemaModule),
    await typescriptFile(`${HOME}/generated/config-types.ts`, ORIGIN, await configTypes(schema, names)),
    uncheckedFile(`${HOME}/generated/config-code.ts`, validator, ORIGIN),
    await typescriptFile(`${HOME}/index.ts`, ORIGIN, index),
  ];
};

/** The type generator reads OpenAPI documents, so the definitions are shown to it as components. */
function configTypes(schema: ConfigSchema, names: readonly string[]): Promise<string> {
  const { $defs = {}, $schema: _schema, $id: _id, ...config } = schema;
  const schemas = JSON.parse(
    JSON.stringify({ ...$defs, Config: config }).replaceAll('"#/$defs/', '"#/components/schemas/'),
  ) as Readonly<Record<string, unknown>>;
  const document = { openapi: '3.1.0', info: { title: 'config', version: '1' }, paths: {}, components: { schemas } };
  return openapiTypes(document, names, { defaultNonNullable: true });
}
