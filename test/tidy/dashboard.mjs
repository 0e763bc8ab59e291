// Builds the dashboard into one file: whoever serves it needs nothing beside it, and it fetches nothing from elsewhere.
import { readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

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
