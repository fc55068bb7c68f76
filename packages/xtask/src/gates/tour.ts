// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Gate } from './gate.ts';
import { linksOf, resolveLink } from './links.ts';

const TOUR = 'docs/tour.md';
/** The text of a link that names a symbol: one identifier in back-ticks, perhaps called, perhaps a member. */
const SYMBOL = /^`(?:\w+\.)?(\w+)(?:\(\))?`$/;

/** Checks that every symbol the tour links to, as in "[`createApp`](../packages/…/app.ts)", is still in that file. */
export const checkTour: Gate = async (root) => {
  const tour = await readFile(join(root, TOUR), 'utf8');
  const findings = await Promise.all(
    linksOf(TOUR, tour).map(async (link) => {
      const symbol = SYMBOL.exec(link.text)?.[1];
      const { path } = resolveLink(link);
      if (symbol === undefined || path.endsWith('.md')) return [];
      const source = await readFile(join(root, path), 'utf8').catch(() => undefined);
      if (source === undefined) return [`${TOUR}: ${path} does not exist`];
      return new RegExp(`\\b${symbol}\\b`).test(source) ? [] : [`${TOUR}: ${path} has no ${symbol}`];
    }),
  );
  return findings.flat();
};
