// signing_test.mjs: the signing site as it is built, and its page in Chromium under the platform's own policy: how much a
// first visit loads, that nothing said by others becomes markup or script, and that each state is told.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { after, before } from 'node:test';
import { gzipSync } from 'node:zlib';
import { manifestOf } from '../signing/manifest.mjs';
import { outputFolder } from '../site.mjs';
import { launch } from './browser.mjs';

const site = resolve(outputFolder, 'signing');
const routes = readFileSync(fileURLToPath(new URL('../../src/api/web_routes.cc', import.meta.url)), 'utf8');
const policy = [...routes.match(/kSigningPolicy =\n((?:\s+"[^"\n]*";?\n)+)/)[1].matchAll(/"([^"]*)"/g)].map((part) => part[1]).join('');
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript', mjs: 'text/javascript', css: 'text/css', wasm: 'application/wasm' };

let server, browser, invitation;

before(async () => {
  assert.match(policy, /require-trusted-types-for 'script'/);
  server = createServer((request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    response.setHeader('Content-Security-Policy', policy);
    if (path.endsWith('/contract')) {
      response.writeHead(invitation ? 200 : 404, { 'Content-Type': invitation ? 'application/json' : 'application/problem+json' });
      const none = { id: 'not_found', text_en: 'n', text_zh: 'n', action_en: 'n', action_zh: 'n', trace: 't' };
      return response.end(JSON.stringify(invitation ?? none));
    }
    const name = path.startsWith('/s/') ? 'index.html' : path.slice(1);
    try {
      const octets = readFileSync(resolve(site, name));
      response.writeHead(200, { 'Content-Type': types[name.split('.').pop()] ?? 'application/octet-stream' });
      response.end(octets);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const contract = (more = {}, you = {}) => ({
  contract: {
    id: 'contract1', title: 'Lease', state: 'signing', order: 'any', created_at: '2026-11-21T08:00:00Z', expires_at: '2027-11-21T08:00:00Z',
    parties: [{ person: 'p1', name: '张三', state: 'invited' }], ...more,
  },
  from: 'sender@example.cn',
  you: { position: 0, person: 'p1', name: '张三', state: 'invited', address: 'z***@example.cn', identified: false, ...you },
  verify_url: 'https://platform.example/verify',
});

async function visit(shown, language = 'zh-CN') {
  invitation = shown;
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, locale: language });
  const page = await context.newPage();
  const refused = [];
  page.on('dialog', (dialog) => (refused.push(`dialog ${dialog.message()}`), dialog.dismiss()));
  page.on('console', (message) => /Content Security|Trusted/.test(message.text()) && refused.push(message.text()));
  await page.goto(`http://localhost:${server.address().port}/s/abcDEF-123_`);
  await page.waitForSelector('h1');
  await page.waitForFunction(() => !document.querySelector('.working'));
  return { page, refused, close: () => context.close() };
}

test('a first visit loads at most 300 KB compressed, without the viewer of documents', () => {
  const later = /^(viewer|pdf\.worker|summary)|\.(bcmap|pfb|ttf)$/;
  const names = readdirSync(resolve(site, 'assets')).filter((name) => !later.test(name));
  assert.ok(names.some((name) => name.endsWith('.wasm')), 'the device counts');
  const sizes = ['index.html', ...names.map((name) => `assets/${name}`)].map((name) => gzipSync(readFileSync(resolve(site, name)), { level: 9 }).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total <= 300_000, `${total} octets`);
  const viewer = readdirSync(resolve(site, 'assets')).filter((name) => /^viewer.*\.js$/.test(name));
  assert.equal(viewer.length, 1, 'the viewer is a part of its own');
});

test('the page has no inline script or style, and loads nothing from elsewhere', () => {
  const html = readFileSync(resolve(site, 'index.html'), 'utf8');
  assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)[^>]*>|<style|\son\w+=|style=|https?:/);
});

test('the build writes the manifest that the platform publishes', () => {
  const written = JSON.parse(readFileSync(resolve(outputFolder, 'signing-bundle.json'), 'utf8'));
  assert.deepEqual(written, manifestOf(site));
  assert.match(written.sm3, /^[0-9a-f]{64}$/);
  assert.notEqual(written.sm3, written.sha256);
});

const hostile = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  'javascript:alert(1)',
  '{{constructor.constructor("alert(1)")()}}',
  '\u202Egpj.exe<iframe srcdoc="<script>parent.alert(1)</script>">',
];
test('titles, names, senders and reasons are text, whatever they say', async () => {
  for (const text of hostile) {
    const shown = contract({ title: text, parties: [{ person: 'p1', name: text, state: 'invited' }] }, { name: text, address: text });
    shown.from = text;
    for (const one of [shown, { ...shown, contract: { ...shown.contract, state: 'declined', reason: text } }]) {
      const { page, refused, close } = await visit(one);
      assert.ok((await page.locator('main').innerText()).includes(text.replace(/\s+/g, ' ').trim().slice(0, 10)));
      assert.equal(await page.locator('main :is(img, script, svg, iframe)').count(), 0);
      assert.deepEqual(refused, []);
      await close();
    }
  }
});

test('no text becomes a script, and no foreign file a worker', async () => {
  const { page, close } = await visit(contract());
  const tried = await page.evaluate(() => {
    const attempt = (act) => {
      try {
        act();
        return 'went';
      } catch (failure) {
        return failure.name;
      }
    };
    return [
      attempt(() => (document.body.innerHTML = '<b>x</b>')),
      attempt(() => new Worker('https://evil.example/assets/worker.js')),
      attempt(() => new Worker('/device/v1/service')),
      attempt(() => new Worker('data:text/javascript,1')),
      attempt(() => (document.createElement('script').text = '1')),
    ];
  });
  assert.deepEqual(tried, ['TypeError', 'TypeError', 'TypeError', 'TypeError', 'TypeError']);
  await close();
});

test('every way in which a contract can stand is told, in both languages', async () => {
  const states = [
    [contract({ state: 'expired' }), '合同已过期', 'The contract has expired'],
    [contract({ state: 'declined', reason: 'no' }), '合同已被拒签', 'The contract was declined'],
    [contract({ state: 'withdrawn', reason: 'no' }), '合同已被撤回', 'The contract was withdrawn'],
    [contract({ state: 'failed' }), '合同未能完成', 'The contract could not be completed'],
    [contract({}, { state: 'waiting' }), '还未轮到您', 'It is not your turn yet'],
    [contract({}, { state: 'signed', signed_at: '2026-11-21T09:00:00Z' }), '您已签署', 'You have signed'],
    [contract({ state: 'complete' }, { state: 'signed', signed_at: '2026-11-21T09:00:00Z' }), '合同已签署完成', 'The contract is complete'],
    [null, '链接无效', 'The link is not valid'],
  ];
  for (const [shown, chinese, english] of states) {
    for (const [language, title] of [['zh-CN', chinese], ['en-GB', english]]) {
      const { page, close } = await visit(shown, language);
      assert.equal(await page.locator('h1').innerText(), title);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${title}: wider than the screen`);
      await close();
    }
  }
});
