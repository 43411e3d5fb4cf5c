// e2e_person.mjs: a person at the signing page. They look at what the page says and do that: nothing here knows in which
// order pages come, so the same person finds their way after anything that happened in between.
import { pause } from './e2e_platform.mjs';
import { words } from './e2e_words.mjs';

const patience = 60_000;

// idNumber gives a resident identity number that is well formed: region, birthday, order, check character.
export function idNumber(order) {
  const body = `11010519900307${String(order).padStart(3, '0')}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, at) => total + weight * Number(body[at]), 0);
  return body + '10X98765432'[sum % 11];
}

export class Person {
  // code gives the newest one-time code that this person has got. writes: by hand, or the generated signature.
  constructor({ name, address, number, pin, language, code, writes = false, see = async () => undefined }) {
    Object.assign(this, { name, address, number, pin, language, code, writes, see });
    this.t = words[language];
    this.seen = new Set();
    this.pages = 0; // presses, keys and pages: what a person had to do
    this.presses = 0;
    this.keys = 0;
  }

  // open follows the link in a new page of the context.
  async open(context, link) {
    this.page = await context.newPage();
    this.page.setDefaultTimeout(patience);
    await this.page.goto(link);
    return this.page;
  }
  // look is what the page says in one moment: its title, whether it is busy by itself, whether the service is away.
  look() {
    return this.page.evaluate(() => {
      const banner = document.querySelector('.banner');
      return {
        title: document.querySelector('h1')?.textContent ?? '',
        works: document.querySelector('.working, [aria-busy="true"]') !== null,
        away: banner !== null && !banner.hidden,
      };
    });
  }
  async press(text) {
    ++this.presses;
    await this.page.getByRole('button', { name: text, exact: true }).click({ timeout: patience });
  }
  async fill(selector, text) {
    this.keys += text.length + 1; // the tabulator leads to the next field
    await this.page.fill(selector, text);
  }
  async typePin(digits) {
    ++this.presses;
    this.keys += digits.length; // the pad takes the keyboard too
    for (const digit of digits) {
      await this.page.locator('.key', { hasText: new RegExp(`^${digit}$`) }).click({ timeout: patience });
    }
  }

  // goOn does what the page with this title asks for.
  async goOn(title) {
    const { t, page } = this;
    if (title !== t.done) ++this.pages;
    await page.bringToFront(); // Chromium paints, and so lets one press, what is in front
    if (title === t.intro) return (await page.getByRole('button', { name: t.readIt }).isVisible()) ? this.press(t.readIt) : pause(500);
    if (title === t.done) return pause(500); // the others are to sign
    if (title === t.code) return this.proveAddress();
    if (title === t.identity) {
      await this.fill('#name', this.name);
      await this.fill('#number', this.number);
      return this.press(t.check);
    }
    if (title === t.evidence) {
      await this.fill('#evidence', await page.locator('.challenge').innerText());
      return this.press(t.next);
    }
    if (title === t.pin) {
      for (let entry = 0; entry < 2; ++entry) {
        await this.typePin(this.pin);
        await this.press(t.next);
      }
      return undefined;
    }
    if (title === t.certificate) {
      await this.typePin(this.pin);
      return this.press(t.next);
    }
    if (title === t.read) return this.read();
    if (title === t.draw) return this.draw();
    if (title === t.summary) {
      await this.typePin(this.pin);
      return this.press(t.sign);
    }
    if (title === t.refused) return this.press(t.retry);
    if (title === t.lost || title === t.locked) return this.press(t.reEnrol);
    throw new Error(`${this.name} does not know what to do at: ${title}`);
  }

  async proveAddress() {
    const { t, page } = this;
    if (!(await page.locator('#code').isVisible())) return this.press(t.sendCode);
    if ((await page.getByText(t.codeVoid).isVisible())) {
      await this.press(t.again); // once the pause between two codes is over
      await pause(1500);
    }
    await this.fill('#code', await this.code());
    return this.press(t.next);
  }

  async read() {
    const done = this.page.getByRole('button', { name: this.t.readDone });
    for (let turn = 0; turn < 40 && !(await done.isVisible()); ++turn) {
      const next = this.page.getByRole('button', { name: this.t.nextPage });
      await next.click({ timeout: 2000 }).then(() => ++this.presses, () => undefined);
      await pause(200);
    }
    ++this.presses;
    await done.click({ timeout: 5000 });
  }

  async draw() {
    const { t, page } = this;
    if (this.writes) {
      const box = await page.locator('.padframe canvas').boundingBox();
      for (const stroke of [[[0.2, 0.3], [0.45, 0.25], [0.3, 0.8]], [[0.55, 0.2], [0.6, 0.75], [0.8, 0.5], [0.7, 0.3]]]) {
        await page.mouse.move(box.x + stroke[0][0] * box.width, box.y + stroke[0][1] * box.height);
        await page.mouse.down();
        for (const [x, y] of stroke) await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 8 });
        await page.mouse.up();
      }
    } else {
      await page.getByLabel(t.generated).check();
    }
    ++this.presses;
    await this.see(page, this.writes ? 'drawn-by-hand' : 'drawn');
    return this.press(t.next);
  }

  // go does page after page until the page has one of the titles wanted. around is told the name of each page that was
  // come to, and does what it asks for by calling act.
  async go(wanted, around = (_, act) => act()) {
    const stop = [wanted].flat();
    for (let act = 0; act < 80; ++act) {
      const title = await this.settled(stop);
      const name = Object.keys(this.t).find((key) => this.t[key] === title) ?? 'unknown';
      const look = `${name}${(await this.page.locator('#code').isVisible()) ? '-sent' : ''}`;
      if (!this.seen.has(look)) {
        this.seen.add(look);
        await this.see(this.page, look);
      }
      if (stop.includes(title)) return title;
      await around(name, () => this.goOn(title));
      await pause(120);
    }
    throw new Error(`${this.name} went in circles at: ${(await this.look()).title}`);
  }

  // settled waits until the page wants something, or has a title that is wanted.
  async settled(stop) {
    for (const end = Date.now() + 2 * patience; Date.now() < end; await pause(80)) {
      const { title, works, away } = await this.look();
      if (title && !works && (stop.includes(title) || !away)) return title;
    }
    throw new Error(`${this.name} waits for ever at: ${await this.page.locator('body').innerText()}`);
  }
}
