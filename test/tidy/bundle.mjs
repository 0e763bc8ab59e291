// Bundles the program into dist/main.js plus lazily loaded chunks: one file per role starts faster than hundreds of modules.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist/chunks', { recursive: true, force: true });
await build({
  entryPoints: { main: 'src/cli/main.ts' },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: false,
  logLevel: 'warning',
  // CommonJS packages inside an ES module bundle still call require().
  banner: { js: "import { createRequire as holdfastRequire } from 'node:module';\nconst require = holdfastRequire(import.meta.url);" },
});
chmodSync('dist/main.js', 0o755);

// The dashboard is one file: whoever serves it needs nothing beside it, and it fetches nothing from elsewhere.
const { outputFiles } = await build({
  entryPoints: ['src/dashboard/main.ts'],
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  write: false,
  logLevel: 'warning',
});
const style = readFileSync('src/dashboard/style.css', 'utf8');
const page = readFileSync('src/dashboard/page.html', 'utf8')
  .replace('/* style */', () => style)
  .replace('/* script */', () => outputFiles[0].text.trim().replaceAll('</script', '<\\/script'));
writeFileSync('dist/dashboard.html', page);
