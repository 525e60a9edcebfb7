/** The arrows of docs/design/README.md, enforced: device knows nobody, the counter knows no server, nobody goes up. */
const to = (...paths) => ({ path: paths });
const only = (...paths) => ({ pathNot: paths });

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'device-imports-no-package',
      comment: 'Outside its boards the device is portable TypeScript: no package, no platform.',
      severity: 'error',
      from: { path: '^device/', pathNot: '^device/boards/' },
      to: only('^device/'),
    },
    {
      name: 'parts-below-the-token',
      comment: 'log, link, seal and robert never know the token that is made of them, nor a board.',
      severity: 'error',
      from: { path: '^device/(log|link|seal|robert|update)/' },
      to: to('^device/(token|boards)/'),
    },
    {
      name: 'seal-and-robert-at-the-bottom',
      severity: 'error',
      from: { path: '^device/(seal|robert)/' },
      to: to('^device/(log|link|update)/'),
    },
    {
      name: 'ports-at-the-bottom',
      severity: 'error',
      from: { path: '^device/[a-z]+[.]ts$' },
      to: to('^device/[a-z]+/'),
    },
    {
      name: 'log-and-link-know-no-update',
      severity: 'error',
      from: { path: '^device/(log|link)/' },
      to: to('^device/update/'),
    },
    { name: 'token-knows-no-board', severity: 'error', from: { path: '^device/token/' }, to: to('^device/boards/') },
    { name: 'device-knows-no-host', severity: 'error', from: { path: '^device/' }, to: to('^(host|tools|test)/') },
    {
      name: 'counter-knows-only-what-travels',
      comment: 'The counter is a blind courier: of the device it knows messages, seals and ROBERT, never log or token.',
      severity: 'error',
      from: { path: '^host/(kiosk|link|provision)/' },
      to: to('^device/(log|token|boards|update/(slots|update))'),
    },
    {
      name: 'counter-knows-no-server',
      severity: 'error',
      from: { path: '^host/(kiosk|link|provision)/' },
      to: { path: '^host/backend/', pathNot: '^host/backend/client[.]ts$' },
    },
    {
      name: 'cli-starts-services-and-nothing-more',
      comment: 'Of the services and the device a command knows the entrances; `token run` alone builds a token.',
      severity: 'error',
      from: { path: '^host/cli/', pathNot: '^host/cli/commands/token-run[.]ts$|^host/cli/token-process[.]ts$' },
      to: to('^device/(log|token|boards)/', '^host/backend/(robert|gateway|store|codes)/'),
    },
    {
      name: 'server-reads-with-its-own-eyes',
      comment: 'The backend decodes logs by the specification, not by the code that wrote them.',
      severity: 'error',
      from: { path: '^host/backend/' },
      to: to('^device/(log|token|boards)/', '^host/(cli|kiosk|link|provision)/'),
    },
    {
      name: 'radio-and-serial-in-adapters',
      severity: 'error',
      from: { pathNot: '^host/link/|^device/boards/' },
      to: to('node_modules/(serialport|@serialport|@abandonware|@lydell)/'),
    },
    { name: 'tools-are-leaves', severity: 'error', from: { path: '^(device|host)/' }, to: to('^(tools|test)/') },
    {
      name: 'nothing-unresolved',
      comment: "Flash and Storage are Espruino's own modules.",
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(Flash|Storage)$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
