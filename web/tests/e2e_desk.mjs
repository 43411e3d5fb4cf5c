// e2e_desk.mjs: a sender at the desk, with nothing but the pages: the mail is read where a stranger would read it.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until, password } from './e2e_platform.mjs';
import { words } from './e2e_words.mjs';

export const lease = resolve(fileURLToPath(new URL('.', import.meta.url)), '../../examples/lease.pdf');

export class Sender {
  constructor({ language, see = async () => undefined }) {
    Object.assign(this, { language, see });
    this.t = words[language];
    this.pages = 2; // to set up, and to verify; presses, keys and pages: what a person had to do
    this.presses = 0;
    this.keys = 0;
  }
  async fill(selector, text) {
    this.keys += text.length + 1; // the tabulator leads to the next field
    await this.page.fill(selector, text);
  }
  async press(locator) {
    ++this.presses;
    await locator.click();
  }

  // setUp becomes the first administrator by the link that the start printed.
  async setUp(context, link) {
    this.page = await context.newPage();
    await this.page.goto(link);
    await this.page.waitForSelector('input[name=repeated]');
    await this.see(this.page, 'set-up');
    await this.fill('input[name=email]', 'admin@example.cn');
    for (const name of ['password', 'repeated']) await this.fill(`input[name=${name}]`, password);
    await this.press(this.page.locator('button[type=submit]'));
    await this.page.waitForSelector('nav');
    await this.see(this.page, 'first-view');
    this.mail = await context.newPage();
    await this.mail.goto(new URL('/#/mail', link).href);
    await this.mail.waitForSelector('.note');
  }

  // send uploads the lease, names the parties, puts their signatures side by side on the last page, and sends.
  async send(parties, title) {
    const { page, t } = this;
    this.pages += 2; // the file, and who signs where
    await page.bringToFront();
    await this.press(page.locator('a[href="#/new"]').first());
    await page.waitForSelector('input[type=file]');
    await this.see(page, 'new');
    await page.setInputFiles('input[type=file]', lease);
    this.presses += 3;
    await page.waitForSelector('.sheet canvas');
    if (title) await this.fill('input[name=title]', title);
    for (const [index, { name, address, number }] of parties.entries()) {
      await this.fill(`input[name=name${index}]`, name);
      await this.fill(`input[name=email${index}]`, address);
      if (number) await this.fill(`input[name=id${index}]`, number);
    }
    await this.place(parties.length);
    await page.getByText(t.ready, { exact: true }).waitFor();
    await this.see(page, 'filled-in');
    await this.press(page.getByRole('button', { name: t.send, exact: true }).last());
    await page.waitForURL(/#\/contracts\/./);
    await page.waitForSelector('.list .dot');
    await this.see(page, 'sent');
  }
  async place(count) {
    for (let index = 0; index < count; ++index) {
      await this.press(this.page.locator('.party').nth(index));
      const sheet = this.page.locator('.sheet').last();
      const { width, height } = await sheet.evaluate((element) => ({ width: element.clientWidth, height: element.clientHeight }));
      await sheet.click({ position: { x: width * (0.28 + 0.44 * index), y: height * 0.62 } });
      ++this.presses;
    }
    // The first one is dragged a little further up.
    const box = this.page.locator('[data-field="0"]');
    await box.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await box.boundingBox();
    const before = await box.getAttribute('aria-label');
    await this.page.mouse.move(x + width / 2, y + height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(x + width / 2, y + height / 2 - 30, { steps: 6 });
    await this.page.mouse.up();
    if ((await box.getAttribute('aria-label')) === before) throw new Error('the field did not follow the pointer');
  }

  // notice opens the newest notice of a kind for an address, once it is there, and gives its text.
  async notice(kind, address, isNew = () => true) {
    ++this.pages;
    await this.mail.bringToFront(); // a tab that is not seen does not ask
    return until(`a notice: ${kind} for ${address}`, async () => {
      const item = this.mail.locator('.list li', { hasText: address }).filter({ has: this.mail.locator('.state', { hasText: new RegExp(`^${this.t[kind]}$`) }) }).first();
      if ((await item.count()) === 0) return null;
      const show = item.getByRole('button', { name: this.t.show, exact: true });
      if (await show.isVisible()) await this.press(show);
      await item.locator('.mail').waitFor({ timeout: 5000 }).catch(() => undefined);
      const text = await item.locator('.mail').innerText({ timeout: 2000 }).catch(() => '');
      return text && isNew(text) ? text : null;
    });
  }
  async link(address) {
    return /https:\/\/\S+\/s\/[A-Za-z0-9_-]+/.exec(await this.notice('invitation', address))[0];
  }
  async code(address) {
    return /^\s*(\d{6})\s*$/m.exec(await this.notice('oneTimeCode', address))[1];
  }

  // completed waits until the page says by itself that the contract is complete, and downloads the file.
  async completed(file) {
    const { page, t } = this;
    ++this.pages;
    await page.bringToFront();
    await page.locator('.head .state', { hasText: new RegExp(`^${t.contractComplete}$`) }).first().waitFor({ timeout: 60_000 });
    await this.see(page, 'completed');
    const coming = page.waitForEvent('download');
    await this.press(page.getByRole('button', { name: t.download }));
    await (await coming).saveAs(file);
    return readFileSync(file);
  }
}

// dropOnto drops a file onto an element, as from a folder of the computer.
export async function dropOnto(page, selector, name, octets) {
  const transfer = await page.evaluateHandle(
    ([title, base64]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], title, { type: 'application/pdf' }));
      return data;
    },
    [name, octets.toString('base64')],
  );
  for (const event of ['dragover', 'drop']) await page.dispatchEvent(selector, event, { dataTransfer: transfer });
}
