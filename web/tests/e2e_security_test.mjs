// e2e_security_test.mjs HEQI: what other sites and other scripts try against the pages, in Chromium against a real
// platform: frames, forged requests, forged messages, redirects, scripts of others in the signing origin.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { createServer } from 'node:http';
import { contextOptions, launchOffline, Watch } from './e2e_browser.mjs';
import { idNumber, Person } from './e2e_person.mjs';
import { E2ePlatform, password, pause } from './e2e_platform.mjs';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // the platform's own root, on this host
const program = process.argv.at(-1);
let platform, browser, evil, evilUrl, link, person, contract, desk;
let evilPage = '';

before(async () => {
  platform = await E2ePlatform.start(program);
  await platform.administer();
  browser = await launchOffline();
  evil = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(evilPage);
  });
  await new Promise((done) => evil.listen(0, '127.0.0.1', done));
  evilUrl = `http://127.0.0.1:${evil.address().port}/`; // the same host: a cookie's SameSite alone would let it pass
  const address = 'zhang@example.cn';
  const { id } = await platform.ask('POST', '/api/v1/persons', { name: '张三', email: address });
  link = await platform.send(id, address, 'Lease');
  person = new Person({ name: '张三', address, number: idNumber(1), pin: '482913', language: 'en', code: () => platform.code(address) });
  contract = (await invitation()).contract.id;
  desk = await browser.newContext(contextOptions('en', 'desk'));
  const page = await desk.newPage();
  await page.goto(`${platform.url}/`);
  await page.fill('input[name=email]', 'admin@example.cn');
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForSelector('nav');
  await page.close();
});
after(async () => {
  await browser?.close();
  evil?.close();
  await platform?.stop();
});

const invitation = async () => (await fetch(`${link}/contract`)).json();
const signingOrigin = () => new URL(link).origin;
// visitEvil shows a page of another site in the browser of the signed-in administrator.
async function visitEvil(html) {
  evilPage = `<!doctype html><title>a prize</title>${html}`;
  const page = await desk.newPage();
  await page.goto(evilUrl);
  return page;
}

test('no page of the platform shows in a frame of another site', async () => {
  for (const path of [`${platform.url}/`, `${platform.url}/verify/`, `${platform.url}/trust`, link, `${signingOrigin()}/`]) {
    const refused = [];
    const page = await visitEvil('');
    page.on('console', (message) => refused.push(message.text()));
    const shown = await page.evaluate(async (address) => {
      const frame = document.createElement('iframe');
      frame.src = address;
      const loaded = new Promise((done) => (frame.onload = done));
      document.body.append(frame);
      await loaded;
      return frame.contentDocument === null ? 'refused' : frame.contentDocument.URL;
    }, path);
    await pause(200);
    assert.equal(shown, 'refused'); // what shows is the browser's own page
    assert.notEqual(page.frames().at(-1).url(), path);
    assert.ok(refused.some((text) => /frame-ancestors|X-Frame-Options/i.test(text)), `${path}: ${refused}`);
    await page.close();
  }
});

test('a form of another site changes nothing, though the administrator is signed in', async () => {
  const users = await platform.ask('GET', '/api/v1/users');
  const attempts = [
    [`${platform.url}/api/v1/contracts/${contract}/withdraw`, { '{"reason":"evil","x":"': '"}' }],
    [`${platform.url}/api/v1/contracts/${contract}/remind`, {}],
    [`${platform.url}/api/v1/contracts/${contract}/parties/0/link`, {}],
    [`${platform.url}/api/v1/users`, { '{"email":"evil@example.cn","role":"administrator","password":"a long password","x":"': '"}' }],
    [`${link}/decline`, { '{"reason":"evil","x":"': '"}' }],
    [`${link}/code`, {}],
    [`${link}/sign`, {}],
  ];
  const mails = platform.mails('', '@').length;
  for (const [action, fields] of attempts) {
    const inputs = Object.entries(fields).map(([name, value]) => `<input name='${name}' value='${value}'>`).join('');
    const page = await visitEvil(`<form method=post enctype=text/plain action="${action}">${inputs}<button>win</button></form>`);
    const [answer] = await Promise.all([page.waitForResponse((response) => response.url() === action), page.click('button')]);
    assert.ok([400, 401, 403, 415].includes(answer.status()), `${action}: ${answer.status()}`);
    await page.close();
  }
  const now = await invitation();
  assert.deepEqual([now.contract.state, now.you.state], ['signing', 'invited']);
  assert.deepEqual(await platform.ask('GET', '/api/v1/users'), users);
  await pause(500);
  assert.equal(platform.mails('', '@').length, mails);
});

test('a script of another site can neither ask nor read', async () => {
  const page = await visitEvil('');
  const asked = await page.evaluate(async (addresses) => {
    const out = [];
    for (const address of addresses) {
      for (const options of [{ credentials: 'include' }, { credentials: 'include', method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"reason":"evil"}' }]) {
        out.push(await fetch(address, options).then((answer) => `${answer.status} ${address}`, () => 'refused'));
      }
    }
    return out;
  }, [`${platform.url}/api/v1/contracts`, `${platform.url}/api/v1/contracts/${contract}/withdraw`, `${link}/contract`, `${link}/decline`, `${signingOrigin()}/device/v1/service`]);
  assert.deepEqual([...new Set(asked)], ['refused']);
  assert.equal((await invitation()).contract.state, 'signing');
  await page.close();
});

test('the two origins of the platform know nothing of each other', async () => {
  const page = await desk.newPage();
  await page.goto(link);
  await page.waitForSelector('h1');
  const asked = await page.evaluate((address) => fetch(address, { credentials: 'include' }).then(() => 'went', () => 'refused'), `${platform.url}/api/v1/users`);
  assert.equal(asked, 'refused');
  assert.equal((await fetch(`${signingOrigin()}/api/v1/users`)).status, 404);
  assert.equal(await page.evaluate(() => document.cookie), '');
  await page.close();
});

test('no address leads to another site', async () => {
  const tricks = ['//evil.example', '/\\evil.example', '/%2f%2fevil.example', '/?next=https://evil.example', '/verify/?url=https://evil.example', '/verify/..//evil.example', '/s//evil.example', '/s/https:evil.example', '/trust?return=//evil.example', '/%0d%0aLocation:%20https://evil.example'];
  for (const origin of [platform.url, signingOrigin()]) {
    for (const trick of tricks) {
      const answer = await fetch(origin + trick, { redirect: 'manual' });
      const location = answer.headers.get('location') ?? '/';
      assert.equal(new URL(location, origin).origin, origin, `${trick} leads to ${location}`);
    }
  }
  const page = await desk.newPage();
  for (const hash of ['#//evil.example', '#/https://evil.example', '#/javascript:alert(1)', '#/contracts/..%2f..%2f..%2fevil', '#/setup/<img src=x onerror=alert(1)>']) {
    page.once('dialog', (dialog) => assert.fail(dialog.message()));
    await page.goto('about:blank');
    await page.goto(`${platform.url}/${hash}`);
    await page.waitForSelector('nav, form');
    assert.equal(new URL(page.url()).origin, platform.url);
    assert.equal(await page.locator('main a[href*="evil.example"], main img').count(), 0);
  }
  await page.close();
});

test('forged messages of another window reach neither page nor device', async () => {
  const context = await browser.newContext(contextOptions('en', 'phone'));
  await person.open(context, link);
  await person.go(person.t.summary);
  const before = await person.page.locator('main').innerText();
  const forged = [
    { type: 'done', id: 1, value: { kind: 'finished', outcome: 'signed' } }, { type: 'superseded' }, { type: 'progress', percent: 100 },
    { id: 99, call: { method: 'retire' } }, { id: 99, call: { method: 'pinDigit', entry: 'first', digit: 1 } }, 'sign', null,
  ];
  evilPage = '<!doctype html><title>a prize</title><script>window.opened = null</script>';
  const other = await context.newPage();
  await other.goto(evilUrl);
  // From another window, and from the page's own, as an extension might.
  const [popup] = await Promise.all([context.waitForEvent('page'), other.evaluate((address) => void (window.opened = window.open(address)), link)]);
  await popup.waitForLoadState();
  await other.evaluate((messages) => messages.forEach((message) => window.opened?.postMessage(message, '*')), forged);
  await popup.close();
  await other.close();
  await person.page.evaluate((messages) => messages.forEach((message) => window.postMessage(message, '*')), forged);
  await pause(500);
  assert.equal((await invitation()).you.state, 'signing');
  const { title } = await person.look();
  if (title === person.t.summary) assert.equal(await person.page.locator('main').innerText(), before);
  else await person.page.reload(); // the window that was opened took the device over, and says so
  assert.ok([person.t.summary, 'Open in another tab'].includes(title), title);
  await person.go(person.t.summary);
  await context.close();
});

// inject shows the signing page with html added to it, as somebody between would who broke the connection.
async function inject(html, alsoServe = {}) {
  const context = await browser.newContext(contextOptions('en', 'phone'));
  const page = await context.newPage();
  const refused = [];
  page.on('console', (message) => refused.push(message.text()));
  await page.route('**/*', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (alsoServe[route.request().url()]) return route.fulfill({ contentType: 'text/javascript', body: alsoServe[route.request().url()] });
    if (pathname !== new URL(link).pathname) return route.continue();
    const answer = await route.fetch();
    return route.fulfill({ response: answer, body: (await answer.text()).replace('</head>', `${html}</head>`) });
  });
  await page.goto(link);
  await page.waitForSelector('h1');
  await pause(300);
  const result = { ran: await page.evaluate(() => window.pwned === 1), refused: refused.filter((text) => /Content Security Policy|TrustedScript|Trusted/.test(text)), frames: page.frames().length };
  await context.close();
  return result;
}

test('a script of others in the signing origin does not run, whichever way it comes', async () => {
  const foreign = 'https://evil.example/evil.js';
  const ways = [
    '<script>window.pwned=1</script>',
    `<script src="${foreign}"></script>`,
    `<script type="module">import "${foreign}"; window.pwned=1</script>`,
    `<script src="data:text/javascript,window.pwned=1"></script>`,
    '<body onload="window.pwned=1">',
    '<img src="x" onerror="window.pwned=1">',
    `<link rel="stylesheet" href="https://evil.example/evil.css">`,
    '<style>body{display:none}</style>',
    `<base href="https://evil.example/">`,
    '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
    `<object data="data:text/html,<script>parent.pwned=1</script>"></object>`,
    '<svg><script>window.pwned=1</script></svg>',
  ];
  for (const way of ways) {
    const { ran, refused } = await inject(way, { [foreign]: 'window.pwned=1' });
    assert.equal(ran, false, way);
    assert.ok(refused.length > 0, `${way}: nothing was said to be refused`);
  }
});

test('without the injection the same page runs and refuses nothing', async () => {
  const { ran, refused, frames } = await inject('');
  assert.deepEqual([ran, refused, frames], [false, [], 1]);
});

test('the files of the signing origin say how they are to be treated', async () => {
  for (const address of [link, `${signingOrigin()}/pins.json`]) {
    const { headers } = await fetch(address);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/, address);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.match(headers.get('strict-transport-security') ?? headers.get('cross-origin-opener-policy') ?? '', /./);
  }
});
