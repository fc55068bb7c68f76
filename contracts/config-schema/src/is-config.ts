// SPDX-License-Identifier: MIT
import { validateConfig, validateKeyFile, validateSamplerProfile } from './generated/config-code.ts';
import type { Config, KeyFile, SamplerProfile } from './generated/config-types.ts';

/** One way in which a configuration breaks the schema. */
export interface ConfigViolation {
  /** JSON pointer of the offending value, as in `/listen/port`; empty for the whole document. */
  readonly instancePath: string;
  /** The schema keyword that failed, as in `maximum`. */
  readonly keyword: string;
  /** What the keyword wanted, as in `{ limit: 65535 }`. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** See {@link isConfig}. */
export interface ConfigValidator {
  (value: unknown): value is Config;
  readonly errors?: readonly ConfigViolation[] | null;
}

/**
 * Tells whether a parsed configuration is valid, and fills in every default in place.
 * After a `false`, `isConfig.errors` lists all violations, until the next call.
 */
export const isConfig = validateConfig as unknown as ConfigValidator;

/** See {@link isKeyFile}. */
export interface KeyFileValidator {
  (value: unknown): value is KeyFile;
  readonly errors?: readonly ConfigViolation[] | null;
}

/** The same for a parsed key file. */
export const isKeyFile = validateKeyFile as unknown as KeyFileValidator;

/** See {@link isSamplerProfile}. */
export interface SamplerProfileValidator {
  (value: unknown): value is SamplerProfile;
  readonly errors?: readonly ConfigViolation[] | null;
}

/** The same for a parsed sampler profile file. */
export const isSamplerProfile = validateSamplerProfile as unknown as SamplerProfileValidator;
