// SPDX-License-Identifier: MIT
/** The dependency rule: which layer may import which. A project whose layer is not listed may import nothing. */
const LAYERS = {
  'layer:contract': { allow: ['layer:contract'], ban: ['*'] },
  'layer:port': { allow: ['layer:contract'], ban: ['*'] },
  'layer:util': { allow: ['layer:contract', 'layer:port', 'layer:util'] },
  'layer:core': {
    allow: ['layer:contract', 'layer:port', 'layer:util'],
    ban: ['express', 'prom-client', 'winston', '@nats-io/*', 'node-llama-cpp'],
  },
  'layer:app': {
    allow: ['layer:contract', 'layer:port', 'layer:util', 'layer:core', 'layer:adapter', 'layer:app', 'layer:client'],
  },
  'layer:client': { allow: ['layer:contract', 'layer:util', 'layer:client'] },
  'layer:testing': {
    allow: [
      'layer:app',
      'layer:client',
      'layer:core',
      'layer:port',
      'layer:contract',
      'layer:util',
      'layer:testing',
      'scope:pool',
    ],
  },
  'layer:tool': { allow: ['layer:contract', 'layer:util'] },
};

/**
 * An engine adapter never sees the core or another adapter; a queue backend implements the core's own port, the
 * artifact store writes JSON in the core's canonical form, the catalog takes the core's clock, and a platform has the
 * core's ports.
 */
const ADAPTERS = {
  'scope:worker': ['layer:contract', 'layer:port', 'layer:util'],
  'scope:queue': ['layer:contract', 'layer:port', 'layer:util', 'layer:core'],
  'scope:artifact': ['layer:contract', 'layer:port', 'layer:util', 'layer:core'],
  'scope:pool': ['layer:contract', 'layer:port', 'layer:util', 'layer:core'],
  'scope:catalog': ['layer:contract', 'layer:port', 'layer:util', 'layer:core'],
  'scope:platform': ['layer:contract', 'layer:port', 'layer:util', 'layer:core'],
};

function constraints({ extraTags, bans }) {
  const layers = Object.entries(LAYERS).map(([sourceTag, { allow, ban }]) => ({
    sourceTag,
    onlyDependOnLibsWithTags: [...allow, ...extraTags],
    ...(bans && ban ? { bannedExternalImports: ban } : {}),
  }));
  const adapters = Object.entries(ADAPTERS).map(([scope, allow]) => ({
    allSourceTags: ['layer:adapter', scope],
    onlyDependOnLibsWithTags: [...allow, ...extraTags],
  }));
  return [...layers, ...adapters];
}

const shared = { enforceBuildableLibDependency: false, allow: [] };

/** Options of `@nx/enforce-module-boundaries` for shipped code. */
export const boundaries = { ...shared, depConstraints: constraints({ extraTags: [], bans: true }) };

/** The same for `*.test.ts`, which may also use the test kit and any installed test library. */
export const testBoundaries = { ...shared, depConstraints: constraints({ extraTags: ['role:test-kit'], bans: false }) };
