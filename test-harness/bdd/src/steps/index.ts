// SPDX-License-Identifier: MIT
import './answer.steps.ts';
import './cancel.steps.ts';
import './control.steps.ts';
import './determinism.steps.ts';
import './engine.steps.ts';
import './lifecycle.steps.ts';
import './service.steps.ts';
import './stream.steps.ts';
import './submit.steps.ts';
