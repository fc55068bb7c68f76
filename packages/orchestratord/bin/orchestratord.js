#!/usr/bin/env -S node --max-semi-space-size=8
// SPDX-License-Identifier: MIT
import '../dist/main.js';
