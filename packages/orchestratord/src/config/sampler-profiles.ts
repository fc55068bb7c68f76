// SPDX-License-Identifier: MIT
import type { Config } from '@llama-orch/config-schema';
import type { SamplerProfile } from '@llama-orch/orchestrator-core';

/** The profile that is always there, and the default. A change of its values would be a new version. */
const BUILT_IN_PROFILE: SamplerProfile = {
  version: 'default-1',
  sampling: {
    temperature: 0.8,
    topP: 0.95,
    topK: 40,
    minP: 0.05,
    repeatPenalty: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
    stop: [],
  },
};

/** The built-in profile, then those of the configuration. */
export function samplerProfiles(config: Config): readonly SamplerProfile[] {
  const configured = Object.entries(config.sampler_profiles).map(([version, values]) => ({
    version,
    sampling: {
      temperature: values.temperature,
      topP: values.top_p,
      topK: values.top_k,
      minP: values.min_p,
      repeatPenalty: values.repeat_penalty,
      presencePenalty: values.presence_penalty,
      frequencyPenalty: values.frequency_penalty,
      stop: [],
    },
  }));
  return [BUILT_IN_PROFILE, ...configured];
}
