// SPDX-License-Identifier: MIT
export { createNodePorts, type NodePortsOptions } from './create-node-ports.ts';
export { systemClock, systemRandom } from './system-ports.ts';
