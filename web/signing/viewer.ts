// viewer.ts: shows a PDF with pdf.js (loaded only when it is needed): each page as an image with its text over it.
// The octets shown are those that shown() gives back for signing: pdf.js keeps them, the page cannot exchange them.
import * as pdfjs from 'pdfjs-dist/legacy/build/pdf.mjs';
import workerAddress from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url';
import { make } from './dom';
import { say } from './texts';

const tables = addresses(
  import.meta.glob('../node_modules/pdfjs-dist/cmaps/*.bcmap', { query: '?url', import: 'default', eager: true }),
);
const fonts = addresses(
  import.meta.glob('../node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}', { query: '?url', import: 'default', eager: true }),
);

function addresses(found: Record<string, unknown>): Map<string, string> {
  return new Map(Object.entries(found).map(([path, url]) => [path.slice(path.lastIndexOf('/') + 1), String(url)]));
}
async function load(from: Map<string, string>, name: string): Promise<Uint8Array> {
  const address = from.get(name);
  if (!address) throw new Error(`no file ${name}`);
  const response = await fetch(address, { credentials: 'omit', redirect: 'error' });
  if (!response.ok) throw new Error(`no file ${name}`);
  return new Uint8Array(await response.arrayBuffer());
}
class EncodingTables {
  async fetch({ name }: { name: string }): Promise<{ cMapData: Uint8Array; isCompressed: boolean }> {
    return { cMapData: await load(tables, `${name}.bcmap`), isCompressed: true };
  }
}
class StandardFonts {
  fetch({ filename }: { filename: string }): Promise<Uint8Array> {
    return load(fonts, filename);
  }
}

export interface ViewerEvents {
  onPage(page: number, pages: number): void;
  onEnd(): void; // the end of the last page has been on the screen
}

export class Viewer {
  readonly element: HTMLElement;
  private readonly watcher: IntersectionObserver;
  private readonly ender: IntersectionObserver;
  private current = 1;

  private constructor(
    private readonly file: pdfjs.PDFDocumentProxy,
    private readonly events: ViewerEvents,
  ) {
    this.element = make('div', {
      class: 'pages',
      tabindex: 0,
      role: 'region',
      'aria-label': say('pagesLabel', { pages: file.numPages }),
    });
    this.watcher = new IntersectionObserver((entries) => this.see(entries), { root: this.element, rootMargin: '400px 0px' });
    this.ender = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) this.events.onEnd();
      },
      { root: this.element },
    );
    this.element.addEventListener('scroll', () => this.report(), { passive: true });
  }

  // open takes a copy of octets, because pdf.js hands them to its worker.
  static async open(octets: Uint8Array, events: ViewerEvents): Promise<Viewer> {
    const worker = new Worker(workerAddress, { type: 'module', name: 'pdf' });
    const file = await pdfjs.getDocument({
      data: octets.slice(),
      worker: pdfjs.PDFWorker.fromPort({ port: worker }),
      isEvalSupported: false,
      enableXfa: false,
      useWorkerFetch: false,
      useSystemFonts: false,
      cMapPacked: true,
      CMapReaderFactory: EncodingTables,
      StandardFontDataFactory: StandardFonts,
    }).promise;
    const viewer = new Viewer(file, events);
    await viewer.layOut();
    return viewer;
  }

  get pages(): number {
    return this.file.numPages;
  }
  // shown is the octets that are displayed, as pdf.js holds them.
  shown(): Promise<Uint8Array> {
    return this.file.getData();
  }
  next(): void {
    const page = this.element.children[Math.min(this.current, this.pages - 1)];
    if (this.current >= this.pages) this.element.scrollTop = this.element.scrollHeight;
    else page?.scrollIntoView({ block: 'start' });
  }
  // zoom makes the pages wider than the screen, or as wide again: 1 is as wide.
  zoom(factor: number): void {
    const before = this.element.scrollTop / Math.max(1, this.element.scrollHeight);
    for (const page of Array.from(this.element.querySelectorAll<HTMLElement>('.page'))) {
      page.style.width = `${factor * 100}%`;
      page.replaceChildren();
      this.watcher.unobserve(page);
      this.watcher.observe(page);
    }
    this.element.scrollTop = before * this.element.scrollHeight;
  }
  // showEnd goes to the last page, where signatures are by default.
  showEnd(): void {
    this.element.scrollTop = this.element.scrollHeight;
  }
  // watchEnd begins to look for the end once the pages are on the screen.
  watchEnd(): void {
    const end = this.element.lastElementChild;
    if (end) this.ender.observe(end);
    this.report();
  }
  close(): void {
    this.watcher.disconnect();
    this.ender.disconnect();
    void this.file.destroy();
  }

  private async layOut(): Promise<void> {
    for (let number = 1; number <= this.pages; ++number) {
      const size = (await this.file.getPage(number)).getViewport({ scale: 1 });
      const page = make('section', { class: 'page', 'aria-label': say('pageLabel', { page: number }), 'data-page': number });
      page.style.aspectRatio = `${size.width} / ${size.height}`;
      this.element.append(page);
      this.watcher.observe(page);
    }
    this.element.append(make('div', { class: 'end', 'aria-hidden': 'true' }));
  }
  private see(entries: IntersectionObserverEntry[]): void {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || target.hasChildNodes()) continue;
      this.watcher.unobserve(target);
      void this.draw(target as HTMLElement).catch(() => target.append(make('p', { class: 'error' }, say('viewFailed'))));
    }
  }
  private async draw(target: HTMLElement): Promise<void> {
    const page = await this.file.getPage(Number(target.dataset['page']));
    const plain = page.getViewport({ scale: 1 });
    const scale = target.clientWidth / plain.width;
    const density = Math.min(window.devicePixelRatio || 1, 2.5);
    const viewport = page.getViewport({ scale: scale * density });
    const canvas = make('canvas', { width: Math.floor(viewport.width), height: Math.floor(viewport.height), 'aria-hidden': 'true' });
    const layer = make('div', { class: 'textLayer' });
    layer.style.setProperty('--scale-factor', String(scale));
    target.append(canvas, layer);
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('no canvas');
    await page.render({ canvasContext: context, viewport }).promise;
    await new pdfjs.TextLayer({ textContentSource: page.streamTextContent(), container: layer, viewport: page.getViewport({ scale }) }).render();
  }
  private report(): void {
    const middle = this.element.scrollTop + this.element.clientHeight / 2;
    for (const child of Array.from(this.element.children)) {
      const page = child as HTMLElement;
      if (page.dataset['page'] && page.offsetTop <= middle) this.current = Number(page.dataset['page']);
    }
    this.events.onPage(this.current, this.pages);
  }
}
