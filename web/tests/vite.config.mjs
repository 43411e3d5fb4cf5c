import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outputFolder, site } from '../site.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const base = site('tests');

// browser makes the pages that the tests open, node what they run without a browser.
export const browser = {
  ...base,
  build: {
    ...base.build,
    outDir: resolve(outputFolder, '../web_tests/browser'),
    rollupOptions: { input: ['replay_page.html', 'device_page.html'].map((name) => resolve(here, name)) },
  },
};
export const node = {
  ...base,
  build: {
    ...base.build,
    outDir: resolve(outputFolder, '../web_tests/node'),
    ssr: true,
    rollupOptions: {
      input: ['replay_node.ts', 'codec_node.ts'].map((name) => resolve(here, name)),
      // Node 18 takes a .js outside a package for CommonJS.
      output: { entryFileNames: '[name].mjs', chunkFileNames: 'assets/[name]-[hash].mjs' },
    },
  },
};
export default browser;
