// output.mjs: where the build put what the tests run (web/tests/vite.config.mjs).
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const testFolder =
  process.env.HEQI_WEB_TESTS ?? resolve(fileURLToPath(new URL('.', import.meta.url)), '../../build/web_tests');

export function outputOf(name) {
  const path = resolve(testFolder, name);
  if (!existsSync(path)) throw new Error(`${path} is missing: ./dev web builds it`);
  return pathToFileURL(path).href;
}
