// Bundles GraphiQL into one script and one style sheet, each also compressed: `node build.mjs OUT_DIR`.
// Editor workers and fonts are inside the two files, so the page loads nothing else.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const out = process.argv[2];
if (!out) throw new Error('usage: node build.mjs OUT_DIR');

const shared = {
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
};

// `import code from 'worker:PACKAGE/FILE'` gives the bundled text of a web worker.
const workers = {
  name: 'workers',
  setup(main) {
    main.onResolve({ filter: /^worker:/ }, ({ path }) => ({ path: path.slice('worker:'.length), namespace: 'worker' }));
    main.onLoad({ filter: /.*/, namespace: 'worker' }, async ({ path }) => {
      const stdin = { contents: `import ${JSON.stringify(path)};`, resolveDir: import.meta.dirname ?? process.cwd() };
      const worker = await build({ ...shared, stdin, write: false, legalComments: 'none' });
      return { contents: worker.outputFiles[0].text, loader: 'text' };
    });
  },
};

// graphiql/style.css holds the editor's styles already; a second copy would double the sheet.
const oneEditorSheet = {
  name: 'one-editor-sheet',
  setup(main) {
    main.onLoad({ filter: /[\\/]monaco-editor[\\/].*\.css$/ }, () => ({ contents: '', loader: 'css' }));
  },
};

await build({
  ...shared,
  entryPoints: { graphiql: 'entry.jsx' },
  outdir: out,
  jsx: 'automatic',
  // licence texts go to graphiql.js.LEGAL.txt beside the bundle
  legalComments: 'external',
  loader: { '.ttf': 'dataurl', '.woff2': 'dataurl', '.svg': 'dataurl' },
  plugins: [workers, oneEditorSheet],
});

// compressed here, once, so that the server need not do it at each start
for (const name of ['graphiql.js', 'graphiql.css']) {
  const file = join(out, name);
  writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
}
