// e2e_journey_test.mjs HEQI LANGUAGE/SIZE[/COLOURS]…: the whole journey as a stranger makes it, in Chromium without a network: the
// first administrator by the printed link, upload, two persons in two browsers, download, verification. Every step is
// photographed below build/e2e and judged by axe. Languages are zh and en, sizes those of
// e2e_browser.mjs, colours light and dark.
import assert from 'node:assert/strict';
import test from 'node:test';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { contextOptions, launchOffline, Watch } from './e2e_browser.mjs';
import { dropOnto, Sender } from './e2e_desk.mjs';
import { Person } from './e2e_person.mjs';
import { E2ePlatform } from './e2e_platform.mjs';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // the platform's own root, on this host
const [program, ...combinations] = process.argv.slice(2);

// The keystroke-level model of Card, Moran and Newell: seconds for a key of an average typist, for pointing and
// pressing, and for thinking before each page.
const strangers = { key: 0.28, press: 1.2, page: 1.35 };
const mostSeconds = 180;

async function sign(browser, person, link, options, watch) {
  const context = watch.guard(await browser.newContext(options));
  await person.open(context, link);
  const title = await person.go([person.t.done, person.t.complete]);
  assert.equal((await context.cookies()).length, 0, 'signing needs no cookie');
  return { context, title };
}

// lookUp asks by the number that stands in the file's visible signatures: the file that was verified is the contract.
async function lookUp(page, watch, number) {
  await page.fill('#number', `${number.slice(0, -1)}9`); // which no number has
  await page.press('#number', 'Enter');
  await page.waitForSelector('#number-said[role=alert]');
  const typed = number.toUpperCase().replace(/.{4}/g, '$& ');
  await page.fill('#number', typed);
  await page.press('#number', 'Enter');
  await page.waitForSelector('#number-said [data-same=true]');
  assert.equal(await page.locator('#number-said dd').first().innerText(), typed.trim());
  await watch.see(page, 'number');
}

async function verifyOnPage(browser, platform, options, watch, t, file, number) {
  const context = watch.guard(await browser.newContext(options));
  const page = await context.newPage();
  await page.goto(`${platform.url}/verify/`);
  await page.waitForSelector('.drop');
  await watch.see(page, 'verify');
  await dropOnto(page, '.drop', 'lease.pdf', file);
  await page.waitForSelector('#verdict.good');
  assert.equal(await page.locator('#verdict .word').innerText(), t.valid);
  await page.waitForSelector('#pages .mark');
  // Two signatures and the document's time-stamp, each on every axis as it should be.
  assert.equal(await page.locator('section .axes').count(), 3);
  assert.equal(await page.locator('.axes dd').count(), await page.locator('.axes dd.good').count());
  assert.equal(await page.locator('#pages .mark').count(), 2);
  await watch.see(page, 'verdict');
  await page.locator('#pages .mark').last().scrollIntoViewIfNeeded();
  await page.waitForFunction(() => [...document.querySelectorAll('#pages canvas')].at(-1).height > 200); // it is drawn when it is seen
  await watch.see(page, 'marks');
  await lookUp(page, watch, number);
  await context.close();
}

async function journey(language, size, colours) {
  const watch = new Watch(`${language}-${size}-${colours}`, size);
  const platform = await E2ePlatform.start(program);
  const browser = await launchOffline();
  try {
    const begun = Date.now();
    const options = contextOptions(language, size, colours);
    const sender = new Sender({ language, see: (page, name) => watch.see(page, `desk-${name}`) });
    await sender.setUp(watch.guard(await browser.newContext(options)), platform.setup);
    const people = [
      { name: '张三', address: 'zhang@example.cn', number: '11010519491231002X', pin: '482913', writes: true },
      { name: '李四', address: 'li@example.cn', number: '440308199901010012', pin: '730516' },
    ].map((one, index) => new Person({ ...one, language, code: () => sender.code(one.address), see: (page, name) => watch.see(page, `signer${index + 1}-${name}`) }));
    await sender.send(people.map(({ name, address }) => ({ name, address })));
    const number = /#\/contracts\/(\w+)/.exec(sender.page.url())[1];
    const titles = [];
    for (const person of people) titles.push((await sign(browser, person, await sender.link(person.address), options, watch)).title);
    // The first one's page follows to the end by itself; the second one's may come after it.
    for (const person of people) await person.go(person.t.complete);
    assert.equal(titles[0], people[0].t.done);

    const file = join(platform.folder, 'lease.pdf');
    const octets = await sender.completed(file);
    await sender.see(sender.mail, 'mail');
    await verifyOnPage(browser, platform, options, watch, people[0].t, octets, number);
    const seconds = (Date.now() - begun - watch.spent) / 1000;
    const elsewhere = spawnSync(program, ['verify', '--trust', platform.root, file], { encoding: 'utf8' });
    assert.equal(elsewhere.status, 0, elsewhere.stdout + elsewhere.stderr);
    assert.match(elsewhere.stdout, /VALID/);

    const all = [sender, ...people];
    const sum = (what) => all.reduce((total, one) => total + one[what], 0);
    const human = sum('keys') * strangers.key + sum('presses') * strangers.press + sum('pages') * strangers.page;
    console.log(`# ${language} ${size}: the machine took ${seconds.toFixed(1)} s (and ${(watch.spent / 1000).toFixed(1)} s to look at the pages); ` +
      `${sum('pages')} pages, ${sum('presses')} presses and ${sum('keys')} keys, ${human.toFixed(0)} s for a stranger; together ${(seconds + human).toFixed(0)} s`);
    assert.ok(human < mostSeconds, `a stranger needs ${human} s`);
    watch.settle();
  } finally {
    await browser.close();
    await platform.stop();
  }
}

assert.ok(combinations.length > 0, 'say which: zh/phone, en/desk/dark, …');
for (const combination of combinations) {
  const [language, size, colours = 'light'] = combination.split('/');
  // shows: MSSP-5.1-d, MSSP-6.1-e2, ECP-3.2.4.2-c
  test(`two strangers sign a lease in their browsers and anybody verifies it: ${combination}`, () => journey(language, size, colours));
}
