// browser.mjs: a real Chromium, and a server on this machine for the pages of the tests, with the content security
// policy of the signing page.
import { createServer } from 'node:http';
import { readFileSync, existsSync } from 'node:fs';
import { resolve, extname } from 'node:path';
import { chromium } from 'playwright-core';
import { testFolder } from './output.mjs';

const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; base-uri 'none'";

// serve shows build/web_tests/browser and, before it, what routes gives: path → octets, text or a function of the
// request's octets that gives {status, type, body}.
export async function serve(routes = {}) {
  const root = resolve(testFolder, 'browser');
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = new URL(request.url, 'http://localhost').pathname;
    const file = resolve(root, `.${path}`);
    let answer = { status: 404, type: 'text/plain', body: 'nothing here' };
    const route = routes[path];
    if (typeof route === 'function') answer = await route(Buffer.concat(chunks));
    else if (route !== undefined) answer = { status: 200, type: types[extname(path)] ?? 'text/plain', body: route };
    else if (file.startsWith(root) && existsSync(file) && extname(file)) {
      answer = { status: 200, type: types[extname(file)] ?? 'text/plain', body: readFileSync(file) };
    }
    response.writeHead(answer.status, { 'Content-Type': answer.type, 'Content-Security-Policy': policy });
    response.end(answer.body);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://localhost:${server.address().port}`, close: () => server.close() };
}

// launch starts Debian's Chromium, or the one that HEQI_CHROMIUM names.
export function launch() {
  const executablePath = process.env.HEQI_CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) throw new Error(`${executablePath} is missing: ./dev packages test installs it`);
  const alone = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, headless: true, args: [...alone, '--disable-dev-shm-usage'] });
}
