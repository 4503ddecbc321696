const FEATURES = ['auth', 'rooms', 'messages', 'presence'];
const inFeature = (name) => `^apps/server/src/${name}/`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Files import each other in a loop. Move what both need into a third file, or tell by event.',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'contract-knows-only-zod',
      comment: 'libs/contract is shared with browsers. Move what needs more into the lib or app that uses it.',
      severity: 'error',
      from: { path: '^libs/contract/src', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^libs/contract/src', '^node_modules/zod/'] },
    },
    {
      name: 'client-knows-only-contract',
      comment:
        'libs/client runs in browsers and in other projects. It may use the contract, socket.io-client and uuidv7.',
      severity: 'error',
      from: { path: '^libs/client/src', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^libs/(client|contract)/', '^node_modules/(socket\\.io-client|uuidv7|zod)/'] },
    },
    {
      name: 'web-knows-contract-and-client',
      comment: 'Of our code the web page knows only libs/contract and libs/client. Put what it lacks there.',
      severity: 'error',
      from: { path: '^apps/web' },
      to: { path: '^(apps|libs|migrations|test)/', pathNot: ['^apps/web', '^libs/(contract|client)/'] },
    },
    {
      name: 'libs-below-apps',
      comment: 'A lib knows no app. Pass what it needs to its constructor.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|migrations|test)/' },
    },
    ...[
      ['observability', 'contract'],
      ['database', 'contract|config|observability'],
      ['redis', 'contract|config|observability|database'],
      ['events', 'contract|config|observability|redis'],
      ['read-cursors', 'contract|config|observability|database|redis'],
      ['realtime', 'contract|config|observability|redis'],
      ['relay', 'contract|config|observability|redis'],
      ['room-log', 'contract|config|observability|database|redis|realtime|relay'],
    ].map(([lib, below]) => ({
      name: `layers-${lib}`,
      comment: `libs/${lib} may use ${below.replaceAll('|', ', ')}. Turn the arrow around: let the upper one call, or pass a function down.`,
      severity: 'error',
      from: { path: `^libs/${lib}/` },
      to: { path: '^libs/', pathNot: `^libs/(${lib}|${below})/` },
    })),
    ...FEATURES.map((feature) => ({
      name: `face-of-${feature}`,
      comment: `Other features see ${feature} through its index.ts. Export what they may ask there.`,
      severity: 'error',
      from: { path: '^apps/server/src/', pathNot: inFeature(feature) },
      to: { path: inFeature(feature), pathNot: `${inFeature(feature)}index\\.ts$` },
    })),
    {
      name: 'ask-upward-from-auth',
      comment: 'auth asks no other feature. Emit a fact, and let the other one listen.',
      severity: 'error',
      from: { path: inFeature('auth') },
      to: { path: inFeature('(rooms|messages|presence)') },
    },
    {
      name: 'ask-upward-from-rooms',
      comment: 'rooms asks only auth. Emit a fact, and let messages listen.',
      severity: 'error',
      from: { path: inFeature('rooms') },
      to: { path: inFeature('(messages|presence)') },
    },
    {
      name: 'messages-and-presence-apart',
      comment:
        'messages and presence do not know each other. What one learns it tells through libs/room-log or libs/relay.',
      severity: 'error',
      from: { path: inFeature('(messages|presence)') },
      to: { path: inFeature('(messages|presence)'), pathNot: inFeature('$1') },
    },
    {
      name: 'wiring-in-one-place',
      comment: 'Only app.module.ts and what starts it know every feature.',
      severity: 'error',
      from: { path: '^apps/server/src/(http|operations)/' },
      to: { path: inFeature('(auth|rooms|messages|presence)') },
    },
    {
      name: 'declared-dependencies',
      comment: 'Add the package to the package.json of the workspace that imports it.',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: ['\\.spec\\.tsx?$', '^apps/web/'] },
      to: { dependencyTypes: ['npm-no-pkg', 'unknown'] },
    },
    {
      name: 'no-orphans',
      comment: 'Nobody imports this file. Use it or delete it.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.d\\.ts$',
          '(^|/)\\.',
          'apps/stack/bin/',
          'apps/web/[^/]+$',
          'apps/web/app/',
          '\\.spec\\.ts$',
          'apps/loadgen/src/twins/',
          'apps/server/src/http/(caller|route)',
        ],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|out|\\.next|\\.maru|node_modules/\\.)' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
