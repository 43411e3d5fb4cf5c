// worker_test.mjs: the device's worker in Chromium: what is stored and how, what a second tab, cleared storage, a lost
// key and a foreign server do.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { launch, serve } from './browser.mjs';

// The generator of SM2 and two multiples of it: points on the curve that no server here holds the keys of.
const generator =
  '0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0';
const pins = { version: 1, service_key: generator, key_centre_key: generator, key_centre_sealing_key: generator };
let server, browser, answers;

before(async () => {
  answers = () => ({ status: 503, type: 'application/problem+json', body: '{"id":"unavailable","detail":"closed"}' });
  server = await serve({
    '/pins.json': JSON.stringify(pins),
    '/device/v1/register': (octets) => answers(octets),
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

async function freshPage(context) {
  const page = await (context ?? (await browser.newContext())).newPage();
  await page.goto(`${server.url}/device_page.html`);
  await page.waitForFunction(() => window.heqiDevice);
  return page;
}

// open opens the device and keeps it as window.opened.
const open = (page) =>
  page.evaluate(async () => {
    window.opened = await window.heqiDevice.Device.open({ name: 'test' });
    const { condition, reason, information } = window.opened;
    return { condition, reason, stage: information?.stage };
  });
const enrol = (page, code) =>
  page.evaluate(
    (given) => window.opened.device.enrol(given).then(() => 'went on', (failure) => failure.id),
    code,
  );
const code = '00000-00000-00000-00000';
const records = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open('heqi.device');
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const keys = request.result.transaction('records').objectStore('records').getAllKeys();
          keys.onsuccess = () => {
            request.result.close();
            resolve(keys.result);
          };
        };
      }),
  );
// change does one thing to the records, as a browser that loses one would.
const change = (page, key, value) =>
  page.evaluate(
    ([name, content]) =>
      new Promise((resolve) => {
        const request = indexedDB.open('heqi.device');
        request.onsuccess = () => {
          const transaction = request.result.transaction('records', 'readwrite');
          if (name === null) transaction.objectStore('records').clear();
          else if (content === null) transaction.objectStore('records').delete(name);
          else transaction.objectStore('records').put(new Uint8Array(content), name);
          transaction.oncomplete = () => {
            request.result.close();
            resolve();
          };
        };
      }),
    [key, value],
  );

// enrolled gives a context whose device has its own keys, stored; the page is closed.
async function begun() {
  const context = await browser.newContext();
  const page = await freshPage(context);
  assert.deepEqual(await open(page), { condition: 'ready', reason: undefined, stage: 'empty' });
  assert.equal(await enrol(page, code), 'unavailable');
  await page.evaluate(() => window.opened.device.close());
  return { context, page };
}

test('a device begins, is stored before its message leaves, and is there after a reload', async () => {
  let atArrival = null;
  const context = await browser.newContext();
  const page = await freshPage(context);
  const other = await freshPage(context);
  answers = async () => {
    atArrival = await records(other);
    return { status: 503, type: 'application/problem+json', body: '{"id":"unavailable"}' };
  };
  await open(page);
  assert.deepEqual(await records(other), []);
  assert.equal(await enrol(page, code), 'unavailable');
  assert.deepEqual(atArrival, ['0/msd.state', '1/wrap.key', 'browser_key', 'revision']);
  await page.reload();
  await page.waitForFunction(() => window.heqiDevice);
  assert.deepEqual(await open(page), { condition: 'ready', reason: undefined, stage: 'initialised' });
});

// shows-part: ECP-KEY-10 (the browser's device)
test('the wrap key stands under a key of the browser that no script reads out', async () => {
  const { page } = await begun();
  const found = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const request = indexedDB.open('heqi.device');
        request.onsuccess = () => {
          const store = request.result.transaction('records').objectStore('records');
          const key = store.get('browser_key');
          const wrap = store.get('1/wrap.key');
          wrap.onsuccess = async () => {
            const exported = await crypto.subtle.exportKey('raw', key.result).then(
              () => 'exported',
              (failure) => failure.name,
            );
            resolve({ exported, extractable: key.result.extractable, size: wrap.result.content.byteLength });
          };
        };
      }),
  );
  assert.deepEqual(found, { exported: 'InvalidAccessError', extractable: false, size: 32 + 16 });
});

test('a second tab is told that the device is busy, and opens it when the first is gone', async () => {
  const context = await browser.newContext();
  const [first, second] = [await freshPage(context), await freshPage(context)];
  assert.equal((await open(first)).condition, 'ready');
  assert.equal((await open(second)).condition, 'busy');
  await first.close();
  assert.equal((await open(second)).condition, 'ready');
});

test('what another tab stored is not overwritten where the locks fail', async () => {
  const context = await browser.newContext();
  const page = await freshPage(context);
  await open(page);
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const request = indexedDB.open('heqi.device');
        request.onsuccess = () => {
          const transaction = request.result.transaction('records', 'readwrite');
          transaction.objectStore('records').put(7, 'revision');
          transaction.oncomplete = () => resolve(request.result.close());
        };
      }),
  );
  assert.equal(await enrol(page, code), 'device.superseded');
  assert.equal(await enrol(page, code), 'device.closed');
  assert.deepEqual(await records(page), ['revision']);
});

for (const [what, key, reason] of [
  ['all of it was cleared', null, 'evicted'],
  ['the browser lost its key', 'browser_key', 'key_missing'],
  ['the wrapped key is gone', '1/wrap.key', 'key_missing'],
]) {
  test(`lost: ${what}`, async () => {
    const { context, page } = await begun();
    await change(page, key, null);
    assert.deepEqual(await open(page), { condition: 'lost', reason, stage: undefined });
    await page.evaluate(() => window.heqiDevice.Device.discard());
    const next = await freshPage(context);
    assert.deepEqual(await open(next), { condition: 'ready', reason: undefined, stage: 'empty' });
  });
}

test('lost: the state was changed', async () => {
  const { page } = await begun();
  await change(page, '0/msd.state', Array.from({ length: 300 }, (_, i) => i % 256));
  assert.deepEqual(await open(page), { condition: 'lost', reason: 'damaged', stage: undefined });
});

test('two entries of a PIN that differ, and a document that was not shown, are refused', async () => {
  const { page } = await begun();
  await open(page);
  const failures = await page.evaluate(async () => {
    const device = window.opened.device;
    const told = (promise) => promise.then(() => 'went on', (failure) => failure.id);
    for (const digit of [1, 2, 3, 4, 5, 6]) device.pinDigit('first', digit);
    for (const digit of [1, 2, 3, 4, 5, 7]) device.pinDigit('second', digit);
    const display = { transactionId: 'tx-1', digest: new Uint8Array(32) };
    return [
      await told(device.choosePin()),
      await told(device.confirm(display, new Uint8Array(10))),
      await told(device.confirm(display, null)),
      await told(device.displayedData(display)),
      await told(device.enrol('no code')),
    ];
  });
  assert.deepEqual(failures, [
    'device.pin_differs', 'device.display_differs', 'device.display_differs', 'not_found', 'malformed',
  ]);
});

test('an answer that is no Registered of this code is refused, and a dead server is offline', async () => {
  const { page } = await begun();
  await open(page);
  answers = () => ({ status: 200, type: 'application/octet-stream', body: Buffer.from('3003020101', 'hex') });
  assert.equal(await enrol(page, code), 'malformed');
  answers = () => ({ status: 502, type: 'text/html', body: '<p>gateway</p>' });
  assert.equal(await enrol(page, code), 'unavailable');
  await page.route('**/device/v1/register', (route) => route.abort());
  assert.equal(await enrol(page, code), 'offline');
});
