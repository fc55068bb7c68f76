// SPDX-License-Identifier: MIT
export { startHaikuService, type HaikuService } from './haiku-service.ts';
export { replay, recordStream, recordTask, type RecordedTask } from './recorded-task.ts';
