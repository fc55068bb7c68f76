// SPDX-License-Identifier: MIT
import type { Task } from '../task/task.ts';
import type { Lease, LeaseLoss } from './task-queue.ts';

/** A lease as the queue that gave it out sees it. */
export class HeldLease implements Lease {
  readonly task: Task;
  readonly epoch: number;
  loss: LeaseLoss | undefined;
  onLost: (() => void) | undefined;

  constructor(task: Task, epoch: number) {
    this.task = task;
    this.epoch = epoch;
    this.loss = undefined;
    this.onLost = undefined;
  }

  /** Takes the right away; once. */
  lose(loss: LeaseLoss): void {
    this.loss = loss;
    this.onLost?.();
  }
}
