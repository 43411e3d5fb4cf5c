// site.mjs: what the three sites' builds have in common. Each site's vite.config.mjs calls site().
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';

const web = fileURLToPath(new URL('.', import.meta.url));

// wasmFile is the device closure as cmake built it; ./dev sets HEQI_DEVICE_WASM for another build folder.
export const wasmFile =
  process.env.HEQI_DEVICE_WASM ?? resolve(web, '../build/wasm/src/program/heqi_device_wasm/heqi_device.wasm');
// outputFolder holds signing/, desk/ and verify/ after the build.
export const outputFolder = process.env.HEQI_WEB_OUTPUT ?? resolve(web, '../build/web');

// site makes the vite configuration of one site. base is the path below which its server shows it.
// Nothing is inlined into HTML, script or style: the sites' content security policies allow files only.
export function site(name, { base = '/', plugins = [] } = {}) {
  return {
    root: resolve(web, name),
    base,
    plugins,
    publicDir: false,
    envFile: false,
    appType: 'spa',
    cacheDir: resolve(web, `node_modules/.vite-${name}`),
    resolve: { alias: [{ find: /^#device\.wasm/, replacement: wasmFile }] },
    worker: { format: 'es' },
    build: {
      outDir: resolve(outputFolder, name),
      emptyOutDir: true,
      target: ['es2020', 'chrome87', 'firefox89', 'safari15'],
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2048,
    },
  };
}
