// SPDX-License-Identifier: MIT
// Generated from contracts/config.schema.yaml by: npm run xtask regen-schema
export { configSchema } from './generated/config-schema.ts';
export type {
  Config,
  EmbeddedOptions,
  EngineUrl,
  LlamacppOptions,
  MockOptions,
  Pool,
  SamplerProfile,
} from './generated/config-types.ts';
export { isConfig, type ConfigValidator, type ConfigViolation } from './is-config.ts';
