/** The house rules of the rooms (README, "Rooms"): a room imports only from rooms before it in STACK. */
const STACK = ['base', 'ipvs', 'bfd', 'vrrp', 'health', 'conf', 'runtime', 'io', 'control', 'daemon', 'cli'];

const looksDown = STACK.slice(0, -1).map((room, i) => ({
  name: `${room}-looks-down`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: `^src/(${STACK.slice(i + 1).join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...looksDown,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'vrrp-and-lvs-are-strangers',
      severity: 'error',
      from: { path: '^src/vrrp/' },
      to: { path: '^src/(ipvs|health)/' },
    },
    {
      name: 'lvs-and-vrrp-are-strangers',
      severity: 'error',
      from: { path: '^src/(ipvs|health)/' },
      to: { path: '^src/vrrp/' },
    },
    {
      name: 'bfd-knows-no-user',
      severity: 'error',
      from: { path: '^src/bfd/' },
      to: { path: '^src/(ipvs|vrrp|health)/' },
    },
    {
      name: 'conf-borrows-types-only',
      severity: 'error',
      from: { path: '^src/conf/' },
      to: { path: '^src/(ipvs|bfd|vrrp|health)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'io-sees-only-ports',
      severity: 'error',
      from: { path: '^src/io/' },
      to: { path: '^src/runtime/', pathNot: '^src/runtime/ports\\.ts$' },
    },
    { name: 'io-never-reads-configuration', severity: 'error', from: { path: '^src/io/' }, to: { path: '^src/conf/' } },
    {
      name: 'pure-rooms-do-no-io',
      severity: 'error',
      from: { path: '^src/(base|ipvs|bfd|vrrp|health|runtime)/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'] },
    },
    {
      name: 'conf-knows-only-nearley',
      severity: 'error',
      from: { path: '^src/conf/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'], pathNot: 'node_modules/(@types/)?nearley' },
    },
    {
      name: 'only-daemon-forks',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(daemon/|io/processes/(script|tool)\\.ts$)' },
      to: { path: '^(node:)?child_process$' },
    },
    {
      // Of base it may borrow code too: that runs anywhere and drags nothing into the page.
      name: 'dashboard-borrows-types-only',
      severity: 'error',
      from: { path: '^src/dashboard/' },
      to: { path: '^src/(?!dashboard/|base/)', dependencyTypesNot: ['type-only'] },
    },
    { name: 'nobody-runs-the-dashboard', severity: 'error', from: { path: '^src/(?!dashboard/)' }, to: { path: '^src/dashboard/' } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: 'generated' }, to: {} },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
