// SPDX-License-Identifier: MIT
export { FakeDeviceProvider, type FakeDevice } from './fake-device-provider.ts';
export { FakeReplica, type FakeReplicaOptions } from './fake-replica.ts';
