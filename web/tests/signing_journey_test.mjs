// signing_journey_test.mjs HEQI: a person goes from the link to the signature in Chromium, against the real platform and
// with the real device; then what is shown is exchanged before it is signed, and the device refuses.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { after, before } from 'node:test';
import { launch } from './browser.mjs';
import { pause, Platform } from './signing_platform.mjs';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // the platform's own root, on this host
const program = process.argv.at(-1);
const address = 'lisi@example.cn';
const name = '李四';
const pin = '482913';
let platform, browser, context, person;
let enrolled = false; // afterwards a new link asks for the code only

before(async () => {
  platform = await Platform.start(program);
  person = (await platform.ask('POST', '/api/v1/persons', { name, email: address })).id;
  browser = await launch();
  context = await browser.newContext({ viewport: { width: 360, height: 640 }, locale: 'en-GB', ignoreHTTPSErrors: true });
});
after(async () => {
  await browser?.close();
  await platform?.stop();
});

const patience = { timeout: 60_000 };
const press = (page, text) => page.getByRole('button', { name: text, exact: true }).click(patience);
async function titled(page, text) {
  try {
    await page.waitForFunction((wanted) => document.querySelector('h1')?.textContent === wanted, text, patience);
  } catch (failure) {
    throw new Error(`${failure.message} Wanted: ${text}. The page says: ${await page.locator('body').innerText()}`);
  }
}
async function typePin(page, digits) {
  for (const digit of digits) await page.locator('.key', { hasText: new RegExp(`^${digit}$`) }).click(patience);
}

async function confirmAddress(page) {
  const known = platform.mails('one_time_code', address).length;
  await titled(page, 'Confirm your address');
  await press(page, 'Send the code');
  await page.fill('#code', await platform.code(address, known));
  await press(page, 'Continue');
}

async function enrol(page) {
  await confirmAddress(page);
  await titled(page, 'Confirm who you are');
  await page.fill('#name', name);
  await page.fill('#number', '440308199901010012');
  await press(page, 'Start the check');
  await titled(page, 'Finish the check');
  await page.fill('#evidence', await page.locator('.challenge').innerText());
  await press(page, 'Continue');
  await titled(page, 'Choose your signing PIN');
  for (const entry of [pin, pin]) {
    await typePin(page, entry);
    await press(page, 'Continue');
  }
  enrolled = true; // the certificate is applied for with the PIN just chosen
}

async function read(page) {
  await titled(page, 'Read the contract');
  const done = page.getByRole('button', { name: 'I have read all of it' });
  for (let turn = 0; turn < 30 && !(await done.isVisible()); ++turn) {
    await page.getByRole('button', { name: 'Next page' }).click(patience).catch(() => undefined);
    await pause(300);
  }
  await done.click(patience);
}

// open goes to a new contract; the first time, this browser becomes the person's device on the way.
async function open(title, prepare = async () => undefined) {
  const link = await platform.send(person, address, title);
  const page = await context.newPage();
  await prepare(page);
  await page.goto(link);
  await titled(page, 'Please sign this contract');
  await press(page, 'Read and sign');
  if (enrolled) await confirmAddress(page);
  return { page, link };
}
async function toSummary(page) {
  await read(page);
  await titled(page, 'Your signature');
  await page.getByLabel('Made from your name').check();
  await press(page, 'Continue');
  await titled(page, 'Check and sign');
}

test('the device comes in at most 120 KiB, as it is sent', async () => {
  const page = await context.newPage();
  const coming = page.waitForResponse((response) => response.url().endsWith('.wasm'), patience);
  const link = await platform.send(person, address, 'Size');
  await page.goto(link);
  await titled(page, 'Please sign this contract');
  await press(page, 'Read and sign');
  const response = await coming;
  await response.finished();
  const { responseBodySize } = await response.request().sizes();
  assert.equal(response.headers()['content-encoding'], 'br');
  assert.ok(responseBodySize > 50_000, 'it was sent');
  assert.ok(responseBodySize <= 120 * 1024, `${responseBodySize} octets`);
  await page.close();
});

// signInHaste presses twice and hits a digit between, all before the page can go on: one PIN was given, one is taken.
function signInHaste(page) {
  return page.evaluate(() => {
    const pad = document.querySelector('.pin');
    const sign = [...pad.querySelectorAll('button')].at(-1);
    sign.click();
    pad.querySelector('.key').click();
    sign.click();
  });
}

// shows: MSSP-5.1-d, MSSP-6.1-e2
test('with nothing but the link and a browser a person signs, and anybody verifies', async () => {
  const { page, link } = await open('Lease 1');
  await enrol(page);
  await toSummary(page);
  await typePin(page, '000000');
  await press(page, 'Enter your PIN to sign');
  await page.getByText('The PIN is wrong').waitFor(patience);
  await typePin(page, pin);
  await signInHaste(page);
  await titled(page, 'The contract is complete');
  assert.equal((await fetch(`${link}/document`)).status, 401); // the link alone opens no file
  const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Download the file')]);
  const file = readFileSync(await download.path());
  const answer = await fetch(`${platform.url}/api/v1/reports`, { method: 'POST', headers: { 'Content-Type': 'application/pdf' }, body: file });
  const report = await answer.json();
  assert.equal(report.verdict, 'VALID');
  await page.close();
});

// change lets the page ask the device to sign something else than what was on the screen.
function change(page, how) {
  return page.evaluate((kind) => {
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...rest) {
      const call = message?.call;
      if (call?.method === 'confirm') {
        if (kind === 'octet') call.shown[1000] ^= 1;
        if (kind === 'longer') call.shown = new Uint8Array([...call.shown, 32]);
        if (kind === 'digest') call.digest[0] ^= 1;
      }
      return post.call(this, message, ...rest);
    };
  }, how);
}

// shows: ECP-CON-6
for (const how of ['octet', 'longer', 'digest']) {
  test(`what was shown is not what is to be signed (${how}): no signature`, async () => {
    const { page, link } = await open(`Exchange ${how}`);
    await toSummary(page);
    await change(page, how);
    await typePin(page, pin);
    await press(page, 'Enter your PIN to sign');
    await titled(page, 'Refused: the content differs');
    const { you } = await (await fetch(`${link}/contract`)).json();
    assert.notEqual(you.state, 'signed');
    await page.close();
  });
}

// outdate makes the device's messages those of an older protocol: its name, and after it the version.
function outdate(route) {
  const octets = Buffer.from(route.request().postDataBuffer());
  octets[octets.indexOf('heqi-envelope') + 'heqi-envelope'.length + 2] = 0;
  return route.continue({ postData: octets });
}

test('a page that is older than the server says so, and goes on once it is loaded again', async () => {
  const { page } = await open('Older page');
  await toSummary(page);
  await page.route('**/device/v1/key-centre', outdate);
  await typePin(page, pin);
  await press(page, 'Enter your PIN to sign');
  await titled(page, 'This page is out of date');
  await page.unroute('**/device/v1/key-centre');
  await press(page, 'Load again');
  await read(page);
  await titled(page, 'Check and sign');
  assert.equal(await page.getByText('The PIN is wrong').count(), 0); // no try was taken
  await typePin(page, pin);
  await press(page, 'Enter your PIN to sign');
  await titled(page, 'The contract is complete');
  await page.close();
});

test('a document that was exchanged after it was read has to be read again', async () => {
  // The file on the way to the reader is another one than the device gets; still a PDF that can be shown.
  const { page } = await open('Exchange before', (opened) =>
    opened.route('**/document', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: Buffer.concat([await answer.body(), Buffer.from('\n%')]) });
    }),
  );
  await read(page);
  await titled(page, 'Your signature');
  await page.getByLabel('Made from your name').check();
  await press(page, 'Continue');
  await page.getByText('The document has changed since you read it').waitFor(patience);
  await page.close();
});
