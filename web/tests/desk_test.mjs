// desk_test.mjs PROGRAM PROJECT: the desk and the verification page in a real Chromium against a real platform: the
// first administrator, sending with the keyboard, hostile texts, narrow screens, both languages, axe-core.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { seriousFindings } from './accessibility.mjs';
import { launch } from './browser.mjs';
import { freePort } from './free_port.mjs';

const [program, project] = process.argv.slice(2);
const lease = readFileSync(resolve(project, 'examples/lease.pdf'));
const password = 'a long password';
const hostile = [
  '<script>window.pwned=1</script>',
  '"><img src=x onerror=window.pwned=1>',
  "{{constructor.constructor('window.pwned=1')()}}",
  'javascript:window.pwned=1',
  '</title><svg/onload=window.pwned=1>',
];
const folder = mkdtempSync(join(tmpdir(), 'heqi-desk-'));
let platform, said = '', setup, base, browser, desk;
const loud = []; // what a browser complained about: broken policy, exceptions

const until = async (what, look, patience = 60_000) => {
  for (const end = Date.now() + patience; Date.now() < end; await new Promise((next) => setTimeout(next, 100))) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`${what} did not come:\n${said}`);
};

async function open(options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.on('pageerror', (error) => loud.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) loud.push(message.text());
  });
  page.on('dialog', (dialog) => {
    loud.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return page;
}
const view = async (page, name, selector) => {
  await page.goto(`${base}/#/${name}`);
  await page.waitForSelector(selector);
};
async function accessible(page, where) {
  assert.deepEqual(await seriousFindings(page), [], where);
}
const unharmed = async (page) => assert.equal(await page.evaluate(() => window.pwned), undefined);

before(async () => {
  const [port, signing, pki] = [await freePort(), await freePort(), await freePort()];
  platform = spawn(program, ['serve', '--embedded', `${folder}/p`, '--port', port, '--signing-port', signing, '--pki-port', pki,
    '--web', resolve(project, 'build/web')].map(String), { stdio: ['ignore', 'ignore', 'pipe'] });
  platform.stderr.on('data', (chunk) => (said += chunk));
  setup = (await until('the set-up link', () => /^ *(https:.*\/#\/setup\/\S+)$/m.exec(said)))[1];
  await until('the platform', () => said.includes('Heqi answers at'));
  base = new URL(setup).origin;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  platform?.kill('SIGTERM');
  await new Promise((done) => (platform ? platform.once('exit', done) : done()));
  rmSync(folder, { recursive: true, force: true });
});

test('a guessed set-up link makes nobody an administrator', async () => {
  const page = await open();
  await page.goto(`${base}/#/setup/guess`);
  await page.fill('input[name=email]', 'evil@example.cn');
  for (const name of ['password', 'repeated']) await page.fill(`input[name=${name}]`, password);
  await page.click('button[type=submit]');
  await page.waitForSelector('.note.bad');
  assert.equal(await page.locator('nav').count(), 0);
  await page.context().close();
});

test('the set-up link makes the first administrator, with the keyboard alone', async () => {
  desk = await open();
  await desk.goto(setup);
  await desk.focus('input[name=email]');
  for (const words of ['admin@example.cn', password, password]) {
    await desk.keyboard.type(words);
    await desk.keyboard.press('Tab');
  }
  await desk.keyboard.press('Enter');
  await desk.waitForSelector('nav');
  const [cookie] = await desk.context().cookies();
  assert.deepEqual([cookie.name, cookie.httpOnly, cookie.secure, cookie.sameSite], ['__Host-heqi-session', true, true, 'Strict']);
  assert.equal(await desk.evaluate(() => document.cookie), '');
  const again = await open();
  await again.goto(setup);
  await again.waitForSelector('input[name=password]');
  assert.equal(await again.locator('input[name=repeated]').count(), 0); // asked to sign in
  await again.context().close();
});

test('files that cannot be signed are refused with a reason, and their names are text', async () => {
  await view(desk, 'new', 'input[type=file]');
  for (const name of [...hostile.map((text) => `${text}.pdf`), '../../etc/passwd.pdf']) {
    await desk.setInputFiles('input[type=file]', { name: name.replaceAll('/', '∕'), mimeType: 'application/pdf', buffer: Buffer.from('no pdf') });
    await desk.waitForSelector('.note.bad');
    await unharmed(desk);
  }
});

test('a contract with hostile title and names is sent with the keyboard, and shown as text', async () => {
  await view(desk, 'new', 'input[type=file]');
  await desk.setInputFiles('input[type=file]', { name: `${hostile[1]}.pdf`, mimeType: 'application/pdf', buffer: lease });
  await desk.waitForSelector('.sheet canvas');
  assert.equal(await desk.inputValue('input[name=title]'), hostile[1]);
  await desk.fill('input[name=name0]', hostile[0]);
  await desk.fill('input[name=email0]', 'zhang@example.cn');
  await desk.fill('input[name=name1]', hostile[2].slice(0, 33));
  await desk.fill('input[name=email1]', 'not an address');
  assert.equal(await desk.locator('button:has-text("Send")').last().isEnabled(), false);
  await desk.fill('input[name=email1]', 'li@example.cn');
  for (const party of [0, 1]) {
    await desk.locator('.party').nth(party).focus();
    await desk.keyboard.press('Enter');
    await desk.waitForFunction((index) => document.activeElement?.dataset.field === String(index), party);
  }
  const before = await desk.locator('[data-field="1"]').getAttribute('aria-label');
  for (const key of ['ArrowUp', 'ArrowUp', 'ArrowLeft', '+']) await desk.keyboard.press(key);
  assert.notEqual(await desk.locator('[data-field="1"]').getAttribute('aria-label'), before);
  await accessible(desk, 'new contract');
  await desk.locator('button:has-text("Send")').last().press('Enter');
  await desk.waitForURL(/#\/contracts\/./);
  await desk.waitForSelector('.list .dot');
  assert.equal(await desk.locator('h1').innerText(), hostile[1]);
  assert.ok((await desk.locator('main').innerText()).includes(hostile[0]));
  assert.equal(await desk.locator('main img, main svg:not(.qr), main script').count(), 0);
  await unharmed(desk);
  await accessible(desk, 'contract');
});

test('a link is handed over with a code to scan, and a reminder is sent once', async () => {
  await desk.locator('button:has-text("Link")').first().click();
  await desk.waitForSelector('svg.qr path');
  const link = await desk.inputValue('#party-link');
  assert.match(link, /^https:\/\/127\.0\.0\.1:\d+\/s\/[A-Za-z0-9_-]{27}$/);
  assert.notEqual(new URL(link).origin, base);
  await accessible(desk, 'link');
  await desk.keyboard.press('Escape');
  await desk.waitForSelector('svg.qr', { state: 'hidden' });
  await desk.click('button:has-text("Remind")');
  await desk.waitForSelector('.note.good');
  await desk.click('button:has-text("Remind")');
  await desk.waitForSelector('.note[role=alert]');
});

test('mail shows hostile notices as text, and leads nowhere but to this host', async () => {
  await view(desk, 'mail', '.list li');
  await desk.locator('button:has-text("Read")').first().click();
  await desk.waitForSelector('.mail');
  assert.ok((await desk.locator('.mail').innerText()).includes(hostile[1]));
  for (const href of await desk.locator('.mail a').evaluateAll((all) => all.map((one) => one.href)))
    assert.equal(new URL(href).hostname, '127.0.0.1');
  await unharmed(desk);
  await accessible(desk, 'mail');
});

test('reasons of withdrawal are text', async () => {
  await view(desk, 'contracts', 'a.title');
  await desk.click('a.title');
  await desk.click('button:has-text("Withdraw")');
  await desk.locator('.el-dialog input:visible').fill(hostile[4]);
  await desk.locator('.el-dialog button[type=submit]:visible').click();
  await desk.waitForSelector('.note bdi');
  assert.equal(await desk.locator('.note bdi').innerText(), hostile[4]);
  await unharmed(desk);
});

// sendAsMember lets a member send a contract; ids of both come back.
function sendAsMember(page, file) {
  return page.evaluate(
    async ([secret, base64]) => {
      const ask = async (path, body, token) => {
        const headers = { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(body instanceof FormData ? {} : { 'Content-Type': 'application/json' }) };
        const answer = await fetch(path, { method: 'POST', headers, body: body instanceof FormData ? body : JSON.stringify(body) });
        if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
        return answer.json();
      };
      const email = 'leaver@example.cn';
      const user = (await ask('/api/v1/users', { email, role: 'member', password: secret })).id;
      const { token } = await ask('/api/v1/sessions', { email, password: secret, keep: 'answer' });
      const person = await ask('/api/v1/persons', { name: '王五', email: 'wang@example.cn' }, token);
      const form = new FormData();
      form.append('contract', new Blob([JSON.stringify({ title: 'Left behind', parties: [{ person: person.id }] })], { type: 'application/json' }));
      const octets = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      form.append('file', new Blob([octets], { type: 'application/pdf' }), 'lease.pdf');
      const contract = (await ask('/api/v1/contracts', form, token)).id;
      await ask(`/api/v1/contracts/${contract}/start`, {}, token);
      return { user, contract };
    },
    [password, file.toString('base64')],
  );
}

test('an administrator withdraws what somebody who has left had sent, and nothing of those who are here', async () => {
  const { user, contract } = await sendAsMember(desk, lease);
  await view(desk, `contracts/${contract}`, '.list .dot');
  assert.equal(await desk.locator('button:has-text("Withdraw")').count(), 0);
  await desk.evaluate((id) => fetch(`/api/v1/users/${id}/deactivate`, { method: 'POST' }), user);
  await desk.reload();
  await desk.getByText('account is out of use').waitFor();
  assert.equal(await desk.locator('button:has-text("Remind")').count(), 0);
  await accessible(desk, 'contract of a leaver');
  await desk.click('button:has-text("Withdraw")');
  await desk.locator('.el-dialog input:visible').fill('left the company');
  await desk.locator('.el-dialog button[type=submit]:visible').click();
  await desk.waitForSelector('.note bdi');
  assert.equal(await desk.locator('.note bdi').innerText(), 'left the company');
});

test('every view fits 360 points in both languages, light and dark, without serious findings', async () => {
  const { cookies } = await desk.context().storageState();
  for (const [locale, colorScheme] of [['zh-CN', 'light'], ['en-GB', 'dark']]) {
    const phone = await open({ viewport: { width: 360, height: 640 }, locale, colorScheme, storageState: { cookies, origins: [] } });
    for (const name of ['contracts', 'new', 'mail', 'users', 'system', 'account']) {
      await view(phone, name, '.card');
      await phone.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => undefined); // long polls go on
      assert.ok((await phone.evaluate(() => document.documentElement.scrollWidth)) <= 360, `${name} ${locale} is too wide`);
      await accessible(phone, `${name} ${locale} ${colorScheme}`);
    }
    await phone.context().close();
  }
});

test('the verification page judges files without sign-in, and shows their names as text', async () => {
  for (const locale of ['zh-CN', 'en-GB']) {
    const page = await open({ locale, viewport: { width: 360, height: 640 } });
    await page.goto(`${base}/verify/`);
    await page.setInputFiles('input[type=file]', { name: `${hostile[1]}.pdf`, mimeType: 'application/pdf', buffer: lease });
    await page.waitForSelector('#verdict.warn');
    assert.ok((await page.locator('main').innerText()).includes(hostile[1]));
    await page.waitForSelector('#pages canvas');
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360);
    await unharmed(page);
    await accessible(page, `verify ${locale}`);
    await page.setInputFiles('input[type=file]', { name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from('no pdf') });
    await page.waitForSelector('.note.bad');
    assert.equal(await page.locator('#verdict').count(), 0);
    await page.context().close();
  }
});

test('no page complained: no policy was broken, nothing was thrown', () => assert.deepEqual([...new Set(loud)], []));
