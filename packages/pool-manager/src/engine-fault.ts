// SPDX-License-Identifier: MIT

/** What ended an engine, or kept it from serving. */
export type EngineFaultReason =
  | 'device_memory'
  | 'host_memory'
  | 'exited'
  | 'killed'
  | 'hung'
  | 'load_failed'
  | 'load_timeout'
  | 'unfit'
  | 'self_test'
  | 'not_startable'
  | 'port_in_use'
  | 'no_log'
  | 'unreachable'
  | 'stopped';

/** A fault in words for an operator. */
export interface EngineFault {
  readonly reason: EngineFaultReason;
  /** One sentence; never a secret. */
  readonly message: string;
  /** One sentence: what would mend it. */
  readonly cure: string;
}

/** What would mend each fault. */
const CURES: Readonly<Record<EngineFaultReason, string>> = {
  device_memory:
    'Give it fewer slots, a shorter context or a smaller quantization, or free the device of other programs.',
  host_memory: 'Free memory of the host, raise the limit of its control group, or choose a smaller model.',
  exited: 'Read its last lines; the command, its arguments or the model file are the usual causes.',
  killed: 'Find out who sent the signal; the kernel does it when the memory of the host runs out.',
  hung: 'Look for a stuck driver or device; when it comes back, report it to the makers of the engine.',
  load_failed: 'Check the path of the model, its format and whether the engine supports it.',
  load_timeout: 'Raise load_timeout_ms when the model is large or the disk is slow, else read its last lines.',
  unfit: 'Check that it serves the model of the pool, with the API of the adapter of the pool, and takes its key.',
  self_test: 'Try the engine by hand with one short prompt and read its last lines.',
  not_startable: 'Check that the command exists, may be executed and stands on the PATH.',
  port_in_use: 'End the program that listens there, or leave the port out to have one chosen.',
  no_log: 'Free space on the disk, or give it a folder for its log that may be written.',
  unreachable: 'Start the engine, and check its address, its key and the network between.',
  stopped: 'Load the pool again.',
};

/** A fault with the cure that goes with its reason. */
export function engineFault(reason: EngineFaultReason, message: string): EngineFault {
  return { reason, message, cure: CURES[reason] };
}

/** Carries an {@link EngineFault} out of what cannot go on. */
export class EngineFaultError extends Error {
  readonly fault: EngineFault;

  constructor(fault: EngineFault, options?: ErrorOptions) {
    super(fault.message, options);
    this.name = 'EngineFaultError';
    this.fault = fault;
  }
}
