// SPDX-License-Identifier: MIT
// Generated from contracts/openapi/openapi.yaml by: npm run xtask regen-openapi

import type { components, operations } from '@llama-orch/api-types';
import type { Validator } from '../validator.ts';
import * as parameterCode from './parameter-code.ts';
import * as schemaCode from './schema-code.ts';

type Schemas = components['schemas'];
/** The parameters of an operation; an empty object where it takes none. */
type Given<T> = [NonNullable<T>] extends [never] ? Readonly<Record<never, never>> : NonNullable<T>;

/** One validator for each schema of the contract, by schema name. */
export const schemaValidators = schemaCode as unknown as { readonly [Name in keyof Schemas]: Validator<Schemas[Name]> };

/** Validators of each operation's query (`<operationId>Query`) and path (`<operationId>Path`) parameters. */
export interface ParameterValidators {
  readonly listTasksQuery: Validator<Given<operations['listTasks']['parameters']['query']>>;
  readonly listTasksPath: Validator<Given<operations['listTasks']['parameters']['path']>>;
  readonly submitTaskQuery: Validator<Given<operations['submitTask']['parameters']['query']>>;
  readonly submitTaskPath: Validator<Given<operations['submitTask']['parameters']['path']>>;
  readonly getTaskQuery: Validator<Given<operations['getTask']['parameters']['query']>>;
  readonly getTaskPath: Validator<Given<operations['getTask']['parameters']['path']>>;
  readonly streamTaskQuery: Validator<Given<operations['streamTask']['parameters']['query']>>;
  readonly streamTaskPath: Validator<Given<operations['streamTask']['parameters']['path']>>;
  readonly cancelTaskQuery: Validator<Given<operations['cancelTask']['parameters']['query']>>;
  readonly cancelTaskPath: Validator<Given<operations['cancelTask']['parameters']['path']>>;
  readonly setTaskPriorityQuery: Validator<Given<operations['setTaskPriority']['parameters']['query']>>;
  readonly setTaskPriorityPath: Validator<Given<operations['setTaskPriority']['parameters']['path']>>;
  readonly listSessionsQuery: Validator<Given<operations['listSessions']['parameters']['query']>>;
  readonly listSessionsPath: Validator<Given<operations['listSessions']['parameters']['path']>>;
  readonly getSessionQuery: Validator<Given<operations['getSession']['parameters']['query']>>;
  readonly getSessionPath: Validator<Given<operations['getSession']['parameters']['path']>>;
  readonly deleteSessionQuery: Validator<Given<operations['deleteSession']['parameters']['query']>>;
  readonly deleteSessionPath: Validator<Given<operations['deleteSession']['parameters']['path']>>;
  readonly listArtifactsQuery: Validator<Given<operations['listArtifacts']['parameters']['query']>>;
  readonly listArtifactsPath: Validator<Given<operations['listArtifacts']['parameters']['path']>>;
  readonly storeArtifactQuery: Validator<Given<operations['storeArtifact']['parameters']['query']>>;
  readonly storeArtifactPath: Validator<Given<operations['storeArtifact']['parameters']['path']>>;
  readonly getArtifactQuery: Validator<Given<operations['getArtifact']['parameters']['query']>>;
  readonly getArtifactPath: Validator<Given<operations['getArtifact']['parameters']['path']>>;
  readonly getCapabilitiesQuery: Validator<Given<operations['getCapabilities']['parameters']['query']>>;
  readonly getCapabilitiesPath: Validator<Given<operations['getCapabilities']['parameters']['path']>>;
  readonly listPoolsQuery: Validator<Given<operations['listPools']['parameters']['query']>>;
  readonly listPoolsPath: Validator<Given<operations['listPools']['parameters']['path']>>;
  readonly getPoolHealthQuery: Validator<Given<operations['getPoolHealth']['parameters']['query']>>;
  readonly getPoolHealthPath: Validator<Given<operations['getPoolHealth']['parameters']['path']>>;
  readonly pausePoolQuery: Validator<Given<operations['pausePool']['parameters']['query']>>;
  readonly pausePoolPath: Validator<Given<operations['pausePool']['parameters']['path']>>;
  readonly resumePoolQuery: Validator<Given<operations['resumePool']['parameters']['query']>>;
  readonly resumePoolPath: Validator<Given<operations['resumePool']['parameters']['path']>>;
  readonly drainPoolQuery: Validator<Given<operations['drainPool']['parameters']['query']>>;
  readonly drainPoolPath: Validator<Given<operations['drainPool']['parameters']['path']>>;
  readonly reloadPoolQuery: Validator<Given<operations['reloadPool']['parameters']['query']>>;
  readonly reloadPoolPath: Validator<Given<operations['reloadPool']['parameters']['path']>>;
  readonly loadPoolQuery: Validator<Given<operations['loadPool']['parameters']['query']>>;
  readonly loadPoolPath: Validator<Given<operations['loadPool']['parameters']['path']>>;
  readonly unloadPoolQuery: Validator<Given<operations['unloadPool']['parameters']['query']>>;
  readonly unloadPoolPath: Validator<Given<operations['unloadPool']['parameters']['path']>>;
  readonly reloadConfigQuery: Validator<Given<operations['reloadConfig']['parameters']['query']>>;
  readonly reloadConfigPath: Validator<Given<operations['reloadConfig']['parameters']['path']>>;
  readonly listModelsQuery: Validator<Given<operations['listModels']['parameters']['query']>>;
  readonly listModelsPath: Validator<Given<operations['listModels']['parameters']['path']>>;
  readonly addModelQuery: Validator<Given<operations['addModel']['parameters']['query']>>;
  readonly addModelPath: Validator<Given<operations['addModel']['parameters']['path']>>;
  readonly getModelQuery: Validator<Given<operations['getModel']['parameters']['query']>>;
  readonly getModelPath: Validator<Given<operations['getModel']['parameters']['path']>>;
  readonly removeModelQuery: Validator<Given<operations['removeModel']['parameters']['query']>>;
  readonly removeModelPath: Validator<Given<operations['removeModel']['parameters']['path']>>;
  readonly verifyModelQuery: Validator<Given<operations['verifyModel']['parameters']['query']>>;
  readonly verifyModelPath: Validator<Given<operations['verifyModel']['parameters']['path']>>;
  readonly setModelStateQuery: Validator<Given<operations['setModelState']['parameters']['query']>>;
  readonly setModelStatePath: Validator<Given<operations['setModelState']['parameters']['path']>>;
  readonly getStoreQuery: Validator<Given<operations['getStore']['parameters']['query']>>;
  readonly getStorePath: Validator<Given<operations['getStore']['parameters']['path']>>;
  readonly acknowledgeLostRecordsQuery: Validator<Given<operations['acknowledgeLostRecords']['parameters']['query']>>;
  readonly acknowledgeLostRecordsPath: Validator<Given<operations['acknowledgeLostRecords']['parameters']['path']>>;
  readonly backUpStoreQuery: Validator<Given<operations['backUpStore']['parameters']['query']>>;
  readonly backUpStorePath: Validator<Given<operations['backUpStore']['parameters']['path']>>;
  readonly streamEventsQuery: Validator<Given<operations['streamEvents']['parameters']['query']>>;
  readonly streamEventsPath: Validator<Given<operations['streamEvents']['parameters']['path']>>;
  readonly getHealthQuery: Validator<Given<operations['getHealth']['parameters']['query']>>;
  readonly getHealthPath: Validator<Given<operations['getHealth']['parameters']['path']>>;
  readonly getReadinessQuery: Validator<Given<operations['getReadiness']['parameters']['query']>>;
  readonly getReadinessPath: Validator<Given<operations['getReadiness']['parameters']['path']>>;
  readonly getMetricsQuery: Validator<Given<operations['getMetrics']['parameters']['query']>>;
  readonly getMetricsPath: Validator<Given<operations['getMetrics']['parameters']['path']>>;
  readonly getOpenapiQuery: Validator<Given<operations['getOpenapi']['parameters']['query']>>;
  readonly getOpenapiPath: Validator<Given<operations['getOpenapi']['parameters']['path']>>;
}

/** Validators of query and path parameters; they turn numbers and booleans into values in place. */
export const parameterValidators = parameterCode as unknown as ParameterValidators;
