// SPDX-License-Identifier: MIT
// For those who run the service inside another program.
export { startService, type RunningService } from './service.ts';
export { configOf, loadConfig, type ConfigSource, type Environment, type LoadedConfig } from './config/load-config.ts';
export { ConfigError, faultLine, type ConfigFault } from './config/config-fault.ts';
export { createLogger, type LogOptions } from './telemetry/log.ts';
export { runSelfTest, type SelfTestReport, type SelfTestStep, type SelfTestTarget } from './self-test.ts';
export { EXIT_CODE } from './runtime/exit-code.ts';

// For those who serve an orchestrator of their own.
export { createApp, type App } from './app.ts';
export type { AppDeps } from './http/app-deps.ts';
export type { AccessRules } from './http/access.ts';
export { createMetrics, type Metrics } from './telemetry/metrics.ts';
