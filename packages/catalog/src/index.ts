// SPDX-License-Identifier: MIT

// For users: open a folder of models.
export { openCatalog, type CatalogOptions } from './open-catalog.ts';
export type {
  AddRequest,
  Catalog,
  CatalogEvent,
  CatalogModel,
  InstalledModel,
  ModelState,
  ModelStatus,
  PullProgress,
  VerifyOutcome,
} from './catalog.ts';
export { hubFromEnvironment, type HubSettings } from './hub/hub.ts';
export { estimateDeviceMemory, type DeviceMemory, type ModelFacts } from './gguf/model-facts.ts';

// For libraries: the parts that are of use alone.
export { parseReference, formatReference, type ModelReference } from './reference/model-reference.ts';
export { checkModelFile, type CheckAnswer, type CheckLimits, type CheckOptions } from './gguf/check-model-file.ts';
export type { DownloadTuning } from './download/download-file.ts';
export { HUB_HOSTS, type OutboundRules } from './outbound/outbound-policy.ts';
export type { Lookup } from './outbound/outbound.ts';
export type { TrustRules } from './trust/check-trust.ts';
