// SPDX-License-Identifier: MIT
// Generated from contracts/config.schema.yaml by: npm run xtask regen-schema
export { configSchema } from './generated/config-schema.ts';
export type {
  Config,
  EmbeddedOptions,
  Engine,
  EngineUrl,
  Key,
  KeyBudget,
  KeyFile,
  LlamacppOptions,
  MockOptions,
  OpenaiOptions,
  Pool,
  SamplerProfile,
  SwapGroup,
  TgiOptions,
  TritonOptions,
  VllmOptions,
} from './generated/config-types.ts';
export {
  isConfig,
  isKeyFile,
  isSamplerProfile,
  type ConfigValidator,
  type ConfigViolation,
  type KeyFileValidator,
  type SamplerProfileValidator,
} from './is-config.ts';
