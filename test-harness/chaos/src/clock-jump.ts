// SPDX-License-Identifier: MIT
// Loaded into a service with --import: each SIGUSR2 moves its wall clock, and only that, by the next jump of CHAOS_JUMPS_MS.
const jumps = (process.env['CHAOS_JUMPS_MS'] ?? '').split(',').map(Number);
const RealDate = Date;
let offsetMs = 0;

class JumpingDate extends RealDate {
  static override now(): number {
    return RealDate.now() + offsetMs;
  }

  constructor(...parts: readonly unknown[]) {
    if (parts.length === 0) super(JumpingDate.now());
    else super(...(parts as [number]));
  }
}

globalThis.Date = JumpingDate as DateConstructor;
process.on('SIGUSR2', () => {
  offsetMs += jumps.shift() ?? 0;
});
