// SPDX-License-Identifier: MIT
export { startRelayRig, type RelayRig, type RelayRigOptions } from './arms/relay-arm.ts';
export { runRelayLoad, type RelayFigures, type RelayLoad } from './load/relay-load.ts';
export { faultCount, ReplyJudge, type Faults } from './load/reply-judge.ts';
