// Bundles the program into dist/main.js and dist/chunks: one file per role, with what it loads on demand beside it, starts
// faster than hundreds of modules, and faster than many small files that roles share.
import { chmodSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { build } from 'esbuild';

const ROLES = ['supervisor', 'vrrp', 'checkers', 'bfd', 'mailer', 'control'];

const common = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: false,
  logLevel: 'warning',
  // CommonJS packages inside an ES module bundle still call require().
  banner: { js: "import { createRequire as holdfastRequire } from 'node:module';\nconst require = holdfastRequire(import.meta.url);" },
};

/** What main.js loads on demand and is bundled by itself. */
const rolesApart = {
  name: 'roles apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.{1,2}\/[a-z]+\.js$/ }, ({ path, kind, importer }) => {
      const role = basename(path, '.js');
      if (kind !== 'dynamic-import' || !importer.includes('/src/daemon/') || !ROLES.includes(role)) return undefined;
      // role.ts is part of main.js itself, command.ts a file beside the roles.
      return { path: importer.endsWith('/role.ts') ? `./chunks/${role}.js` : `./${role}.js`, external: true };
    });
  },
};

rmSync('dist/chunks', { recursive: true, force: true });
const { metafile } = await build({ ...common, entryPoints: { main: 'src/cli/main.ts' }, outdir: 'dist', chunkNames: 'chunks/[name]-[hash]', plugins: [rolesApart], metafile: true });
const twice = ROLES.filter((role) => `src/daemon/${role}.ts` in metafile.inputs);
if (twice.length > 0) throw new Error(`bundled with main.js as well as apart: ${twice.join()}`);
for (const role of ROLES) {
  await build({ ...common, entryPoints: { [role]: `src/daemon/${role}.ts` }, outdir: 'dist/chunks', chunkNames: '[name]-[hash]', plugins: [] });
}
chmodSync('dist/main.js', 0o755);
