// Refuses a Node that cannot run TypeScript directly. Plain syntax: old Nodes must parse this file.
var parts = process.versions.node.split('.');
var major = Number(parts[0]);
var minor = Number(parts[1]);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    'QuantCloud Matrix needs Node 22.18 or newer; this is ' +
      process.versions.node +
      '.\n' +
      'The install normally brings Node 26 along as an optional dependency. It is missing:\n' +
      '  - run `npm ci` again without --omit=optional and with npm 10 or newer (npm 9 does not\n' +
      '    link it: `npm install -g npm@11`, or deploy/install.sh), then start through npm (`npm start`,\n' +
      '    `npm test`, `npm run -s qcm -- <command>`), or\n' +
      '  - install Node 26 yourself (https://nodejs.org) on this platform.',
  );
  process.exit(1);
}
