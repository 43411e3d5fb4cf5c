// e2e_states_test.mjs HEQI: the ways off the road, each in Chromium against a real platform, and what the page says:
// declined, withdrawn meanwhile, expired, another person, wrong PINs, a lost key, a browser of somebody else.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { contextOptions, launchOffline, Watch } from './e2e_browser.mjs';
import { idNumber, Person } from './e2e_person.mjs';
import { E2ePlatform, pause, until } from './e2e_platform.mjs';
import { example } from './signing_platform.mjs';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // the platform's own root, on this host
const program = process.argv.at(-1);
let platform, browser, watch, count = 0;

before(async () => {
  platform = await E2ePlatform.start(program);
  await platform.administer();
  browser = await launchOffline();
  watch = new Watch('states', 'phone');
});
after(async () => {
  await browser?.close();
  await platform?.stop();
});

// stranger is a person whom nobody has seen yet, with a browser of their own.
async function stranger(language = count % 2 ? 'en' : 'zh') {
  const order = ++count;
  const address = `person${order}@example.cn`;
  const name = `张${order}`;
  const { id } = await platform.ask('POST', '/api/v1/persons', { name, email: address });
  const context = watch.guard(await browser.newContext(contextOptions(language, 'phone')));
  const person = new Person({ name, address, number: idNumber(order), pin: '482913', language, code: () => platform.code(address) });
  person.see = (page, step) => watch.see(page, `${order}-${step}`);
  return Object.assign(person, { id, context });
}
// contract sends one to a person, and gives its link, its id, and what happens to it.
async function contract(person, title) {
  const link = await platform.send(person.id, person.address, title);
  const look = async () => (await (await fetch(`${link}/contract`)).json());
  return { link, look, id: (await look()).contract.id };
}
async function main(person) {
  return person.page.locator('main').innerText();
}

test('who declines says why, and everybody reads it', async () => {
  const person = await stranger('zh');
  const { link, look } = await contract(person, 'Declined');
  await person.open(person.context, link);
  await person.go(person.t.intro);
  await person.press(person.t.decline);
  await person.press(person.t.declineConfirm);
  await person.page.locator('#reason-error').filter({ hasText: /./ }).waitFor(); // a reason is asked for
  await person.fill('#reason', '租金写错了');
  await person.press(person.t.declineConfirm);
  await person.go(person.t.declined);
  assert.match(await main(person), /租金写错了/);
  assert.equal((await look()).contract.state, 'declined');
});

test('what the sender withdraws while it is read ends at the next act, with the reason', async () => {
  const person = await stranger('en');
  const { link, id } = await contract(person, 'Withdrawn');
  await person.open(person.context, link);
  await person.go(person.t.read);
  await platform.ask('POST', `/api/v1/contracts/${id}/withdraw`, { reason: 'another rent' });
  assert.equal(await person.go([person.t.withdrawn, person.t.refused]), person.t.withdrawn);
  assert.match(await main(person), /another rent/);
});

test('what is not signed in time says so', async () => {
  const person = await stranger('zh');
  const form = new FormData();
  const expires_at = new Date(Date.now() + 8000).toISOString();
  form.append('contract', new Blob([JSON.stringify({ title: 'Late', expires_at, parties: [{ person: person.id }] })], { type: 'application/json' }));
  form.append('file', new Blob([example], { type: 'application/pdf' }), 'lease.pdf');
  const { id } = await platform.ask('POST', '/api/v1/contracts', form);
  await platform.ask('POST', `/api/v1/contracts/${id}/start`);
  const { link } = await platform.ask('POST', `/api/v1/contracts/${id}/parties/0/link`);
  await person.open(person.context, link);
  await person.go(person.t.intro);
  await until('the end of the contract', async () => (await (await fetch(`${link}/contract`)).json()).contract.state === 'expired', 90_000);
  assert.equal(await person.go([person.t.expired, person.t.refused]), person.t.expired);
  await person.page.reload();
  await person.go(person.t.expired);
});

test('another person than the one named is told that the link is not theirs', async () => {
  const first = await stranger('en');
  await platform.ask('POST', '/api/v1/persons', { name: '他人', email: 'other@example.cn', id_number: idNumber(900) });
  const { link, look } = await contract(first, 'Wrong person');
  first.number = idNumber(900);
  first.name = '他人';
  await first.open(first.context, link);
  assert.equal(await first.go([first.t.wrongPerson, first.t.evidence]), first.t.wrongPerson);
  assert.notEqual((await look()).you.state, 'signed');
});

test('three wrong PINs are counted down, and then the page says until when to wait', async () => {
  const person = await stranger('en');
  const { link, look } = await contract(person, 'Wrong PIN');
  await person.open(person.context, link);
  await person.go(person.t.summary);
  const right = person.pin;
  person.pin = '111111';
  for (const left of [2, 1]) {
    await person.goOn(person.t.summary);
    await person.page.getByText(`The PIN is wrong. Tries left: ${left}.`).waitFor();
  }
  await person.goOn(person.t.summary);
  await until('the end of the tries', async () => (await person.look()).title === person.t.delayed);
  await watch.see(person.page, 'delayed');
  assert.match(await main(person), /Try again after .*\d{1,2}:\d{2}[^]*Tries after that: 3\./);
  // Whoever tries before that time is told again, with the right PIN too, and nothing is lost.
  person.pin = right;
  await person.press(person.t.retry);
  if ((await person.go([person.t.summary, person.t.delayed])) === person.t.summary) await person.goOn(person.t.summary);
  await until('the same answer', async () => (await person.look()).title === person.t.delayed);
  assert.notEqual((await look()).you.state, 'signed');
});

test('a key that the browser lost is explained, and the person enrols anew and signs', async () => {
  const person = await stranger('zh');
  const first = await contract(person, 'Before');
  await person.open(person.context, first.link);
  await person.go(person.t.complete);
  await person.page.evaluate(async () => {
    for (const { name } of await indexedDB.databases()) await new Promise((done) => (indexedDB.deleteDatabase(name).onsuccess = done));
  });
  await person.page.close();
  await pause(1000);
  const second = await contract(person, 'After');
  person.seen.clear();
  await person.open(person.context, second.link);
  await person.go(person.t.lost);
  assert.equal((await second.look()).you.state, 'invited');
  await person.go(person.t.complete);
});

test('the browser of one signer does not sign for another', async () => {
  const owner = await stranger('zh');
  const first = await contract(owner, 'Own');
  await owner.open(owner.context, first.link);
  await owner.go(owner.t.complete);
  await owner.page.close(); // a device works in one tab at a time
  const other = await stranger('zh');
  const second = await contract(other, 'Others');
  await other.open(owner.context, second.link);
  assert.equal(await other.go([other.t.otherDevice, other.t.summary]), other.t.otherDevice);
  assert.equal((await second.look()).you.state, 'invited');
});

test('a link that is not whole opens nothing', async () => {
  const person = await stranger('en');
  const { link } = await contract(person, 'Cut');
  await person.open(person.context, link.slice(0, -3));
  await person.go(person.t.badLink);
});

test('no page of these had a fault', () => watch.settle());
