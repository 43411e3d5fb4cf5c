// e2e_browser.mjs: Chromium without a network, and what is looked at on each page that a test comes to: a screenshot,
// axe-core, the width, and whether the page complained.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { seriousFindings } from './accessibility.mjs';

const shots = process.env.HEQI_E2E_OUTPUT ?? resolve(fileURLToPath(new URL('.', import.meta.url)), '../../build/e2e');

// sizes in CSS points. landscape is a phone held sideways; zoomed is the desk at 200 %.
export const sizes = {
  phone: { width: 360, height: 640 },
  landscape: { width: 640, height: 360 },
  desk: { width: 1280, height: 800 },
  zoomed: { width: 640, height: 400 },
};
export const locales = { zh: 'zh-CN', en: 'en-GB' };

function launchOptions() {
  const executablePath = process.env.HEQI_CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) throw new Error(`${executablePath} is missing: ./dev packages test installs it`);
  const alone = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const offline = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1';
  return { executablePath, headless: true, args: [...alone, '--disable-dev-shm-usage', offline] };
}

// launchOffline starts a browser that can reach nothing but this host.
export function launchOffline() {
  return chromium.launch(launchOptions());
}

// contextOptions: colours are light or dark.
export function contextOptions(language, size, colours = 'light') {
  const isPhone = size === 'phone' || size === 'landscape';
  const look = { viewport: sizes[size], deviceScaleFactor: size === 'zoomed' ? 2 : 1, colorScheme: colours };
  return { ...look, locale: locales[language], ignoreHTTPSErrors: true, hasTouch: isPhone, isMobile: isPhone, acceptDownloads: true };
}

// KeptBrowser is a browser with a folder of its own: killed, it comes back with what it had stored.
export class KeptBrowser {
  constructor(folder, language, size) {
    this.folder = folder;
    this.options = { ...launchOptions(), ...contextOptions(language, size) };
  }
  async start() {
    this.context = await chromium.launchPersistentContext(this.folder, this.options);
    return this.context;
  }
  // kill ends the browser as a battery does.
  async kill() {
    const closed = new Promise((done) => this.context.once('close', done));
    for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      let words = [];
      try {
        words = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
      } catch {
        continue; // it has gone meanwhile
      }
      if (words.join(' ').includes(`--user-data-dir=${this.folder}`)) process.kill(Number(id), 'SIGKILL');
    }
    await closed;
    for (const name of ['SingletonLock', 'SingletonCookie', 'SingletonSocket']) rmSync(join(this.folder, name), { force: true });
  }
  async close() {
    await this.context?.close().catch(() => undefined);
  }
}

// Watch looks at pages, and keeps what it saw below build/e2e/NAME.
export class Watch {
  constructor(name, size) {
    this.folder = join(shots, name);
    this.size = size;
    this.count = 0;
    this.spent = 0; // ms that went into looking
    this.findings = [];
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
  }

  // guard lets a context go nowhere but to this host, and gathers what its pages complain about.
  guard(context) {
    context.on('request', (request) => {
      if (!['127.0.0.1', ''].includes(new URL(request.url()).hostname)) this.findings.push(`asked ${request.url()}`);
    });
    context.on('page', (page) => {
      page.on('pageerror', (error) => this.findings.push(`thrown: ${error.message}`));
      page.on('console', (message) => {
        if (/Content Security|Trusted|Refused to/.test(message.text())) this.findings.push(message.text());
      });
    });
    return context;
  }

  // see takes a picture of the page and lets axe judge it.
  async see(page, name) {
    const begun = Date.now();
    await page.bringToFront(); // a tab behind another is not painted
    const file = join(this.folder, `${String(++this.count).padStart(2, '0')}-${name}.png`);
    await page.screenshot({ path: file, fullPage: true, animations: 'disabled' });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) this.findings.push(`${name}: ${wide} points too wide`);
    for (const one of await seriousFindings(page)) this.findings.push(`${name}: ${one}`);
    this.spent += Date.now() - begun;
  }

  // settle says what was found on all pages.
  settle() {
    console.log(`# ${this.count} screenshots: ${this.folder}`);
    assert.deepEqual([...new Set(this.findings)], []);
  }
}
