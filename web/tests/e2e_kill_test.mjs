// e2e_kill_test.mjs HEQI [WHO…]: at each step of the journey the server, the key centre or the browser is killed, and
// comes back: the journey goes on to one good signature, and the page says meanwhile what is the matter.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contextOptions, KeptBrowser, launchOffline, Watch } from './e2e_browser.mjs';
import { idNumber, Person } from './e2e_person.mjs';
import { E2ePlatform, pause, until } from './e2e_platform.mjs';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // the platform's own root, on this host
const [program, ...wanted] = process.argv.slice(2);
const pin = '482913';
let platform, browser, watch, count = 0;

before(async () => {
  platform = await E2ePlatform.start(program);
  await platform.administer();
  browser = await launchOffline();
  watch = new Watch('kill', 'phone');
});
after(async () => {
  await browser?.close();
  await platform?.stop();
});

// Each moment is a page, and how the blow falls there: before the person acts, while what they began goes on, or between
// two digits; after: once the page says this. asks: what the person does next needs the server.
const moments = [
  { name: 'invitation', page: 'intro', falls: 'before', asks: true },
  { name: 'code', page: 'code', falls: 'before', asks: true },
  { name: 'identity', page: 'identity', falls: 'before', asks: true },
  { name: 'proof of identity', page: 'evidence', falls: 'before', asks: true },
  { name: 'enrolment', page: 'pin', falls: 'while', asks: true },
  { name: 'certificate', page: 'pin', falls: 'while', after: 'certificateWorking', asks: true },
  { name: 'read', page: 'read', falls: 'before', asks: false },
  { name: 'draw', page: 'draw', falls: 'before', asks: true },
  { name: 'summary', page: 'summary', falls: 'before', asks: true },
  { name: 'PIN', page: 'summary', falls: 'between', asks: true },
  { name: 'progress', page: 'summary', falls: 'while', asks: true },
  { name: 'done', page: 'complete', falls: 'before', asks: false },
];

async function stranger() {
  const order = ++count;
  const address = `person${order}@example.cn`;
  const name = `张${order}`;
  const { id } = await platform.ask('POST', '/api/v1/persons', { name, email: address });
  const language = order % 2 ? 'en' : 'zh';
  return Object.assign(new Person({ name, address, number: idNumber(order), pin, language, code: () => platform.code(address) }), { id });
}

// saysAway is that the page tells the person that the service is away, and that it goes on trying.
async function saysAway(person, name) {
  await person.page.locator('.banner', { hasText: person.t.away }).waitFor({ timeout: 30_000 });
  await watch.see(person.page, `away-${name}`);
}

const blows = {
  // The server goes, the person acts meanwhile, the server comes back.
  server: {
    async strike(person, moment, act) {
      await platform.killServer();
      await until('the end of its key centre', () => platform.keyCentres().length === 0, 5000); // or it stood in the way
      const acted = moment.falls === 'while' ? undefined : act();
      if (moment.asks) await saysAway(person, moment.name);
      else await acted;
      await platform.run();
      await acted;
    },
  },
  // The key centre is killed as often as it comes back, for as long as the act would take.
  'key centre': {
    async strike(person, moment, act) {
      let ended = platform.killKeyCentre();
      const acted = moment.falls === 'while' ? undefined : act();
      for (const until = Date.now() + 1500; Date.now() < until; await pause(100)) ended += platform.killKeyCentre();
      assert.ok(ended > 0, 'nothing was killed');
      await acted;
    },
  },
  // The browser is killed, comes back with its folder, and the person follows the link again.
  browser: {
    async strike(person) {
      await person.kept.kill();
      await person.open(watch.guard(await person.kept.start()), person.link);
    },
  },
};

// go brings the person to the end, with the blow at the moment.
async function go(person, moment, strike) {
  let struck = false;
  await person.go([person.t.done, person.t.complete], async (page, act) => {
    if (struck || page !== moment.page) return act();
    struck = true;
    if (moment.falls === 'before') return strike(person, moment, act);
    if (moment.falls === 'between') {
      await person.typePin(pin.slice(0, 3));
      return strike(person, moment, async () => {
        await person.typePin(pin.slice(3));
        await person.press(person.t.sign);
      });
    }
    await act();
    if (moment.after) await person.page.locator('.working', { hasText: person.t[moment.after] }).waitFor({ timeout: 30_000 });
    return strike(person, moment, undefined);
  });
  if (moment.page !== 'complete') return assert.ok(struck, `${moment.page} never came`);
  return strike(person, moment, async () => undefined);
}

async function journey(who, moment) {
  await platform.revive(); // where the case before this one ended in the middle
  const person = await stranger();
  person.link = await platform.send(person.id, person.address, `${who}: ${moment.name}`);
  const options = contextOptions(person.language, 'phone');
  const folder = mkdtempSync(join(tmpdir(), 'heqi-browser-'));
  let context;
  try {
    if (who === 'browser') {
      person.kept = new KeptBrowser(folder, person.language, 'phone');
      context = await person.kept.start();
    } else {
      context = await browser.newContext(options);
    }
    await person.open(watch.guard(context), person.link);
    await go(person, moment, blows[who].strike);
    await person.page.reload();
    await person.go(person.t.complete);
    // One signature, whatever was done twice; and it is good.
    const report = await platform.report((await (await fetch(`${person.link}/contract`)).json()).contract.id);
    assert.equal(report.verdict, 'VALID', JSON.stringify(report));
    assert.equal(report.signatures.filter(({ kind }) => kind === 'signature').length, 1);
  } catch (failure) {
    await watch.see(person.page, 'failed').catch(() => undefined);
    throw failure;
  } finally {
    if (person.kept) await person.kept.close();
    else await context?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const chosen = wanted.length ? wanted : Object.keys(blows);
for (const who of chosen) {
  const only = process.env.HEQI_E2E_MOMENT;
  for (const moment of moments.filter(({ name }) => !only || name === only)) {
    test(`${who} killed at: ${moment.name}`, { timeout: 180_000 }, () => journey(who, moment));
  }
}

test('exactly one key centre serves after all that', () => until('one key centre', () => platform.keyCentres().length === 1));
