// pdf_pages.ts: pages of a PDF as images on canvases, through pdf.js in its worker. What is drawn here is
// for looking and placing; the signing page has its own, stricter reader.
import * as pdfjs from 'pdfjs-dist/legacy/build/pdf.mjs';
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url';

declare global {
  // What vite makes of a pattern of files.
  interface ImportMeta {
    glob(pattern: string, options: { query: string; import: string; eager: true }): Record<string, unknown>;
  }
}

// Fonts that a file does not embed need the tables of their encodings; they come from this origin.
const maps = import.meta.glob('../node_modules/pdfjs-dist/cmaps/*.bcmap', {
  query: '?url',
  import: 'default',
  eager: true,
}) as Record<string, string>;

class EncodingTables {
  async fetch({ name }: { name: string }): Promise<{ cMapData: Uint8Array; isCompressed: boolean }> {
    const url = maps[`../node_modules/pdfjs-dist/cmaps/${name}.bcmap`];
    if (!url) throw new Error(`no table ${name}`);
    return { cMapData: new Uint8Array(await (await fetch(url)).arrayBuffer()), isCompressed: true };
  }
}

// PageSize is a page as displayed (crop box, turned as it says), in points.
export interface PageSize {
  width: number;
  height: number;
}

// PdfPages is an open file.
export class PdfPages {
  private constructor(
    private readonly file: pdfjs.PDFDocumentProxy,
    readonly sizes: PageSize[],
  ) {}

  // open reads a file; it takes a copy, because pdf.js hands the octets to its worker.
  static async open(octets: Uint8Array): Promise<PdfPages> {
    startWorker();
    const file = await pdfjs.getDocument({
      data: octets.slice(),
      isEvalSupported: false,
      enableXfa: false,
      useWorkerFetch: false,
      cMapPacked: true,
      CMapReaderFactory: EncodingTables,
    }).promise;
    const sizes: PageSize[] = [];
    for (let number = 1; number <= file.numPages; ++number) {
      const { width, height } = (await file.getPage(number)).getViewport({ scale: 1 });
      sizes.push({ width, height });
    }
    return new PdfPages(file, sizes);
  }

  // draw paints a page (1 is the first) so that it is width CSS pixels wide. Form fields and annotations
  // are drawn as they would print.
  async draw(number: number, canvas: HTMLCanvasElement, width: number): Promise<void> {
    const page = await this.file.getPage(number);
    const size = this.sizes[number - 1];
    if (!size) return;
    const density = Math.min(window.devicePixelRatio || 1, 2);
    const viewport = page.getViewport({ scale: (width / size.width) * density });
    canvas.width = Math.round(viewport.width);
    canvas.height = Math.round(viewport.height);
    const context = canvas.getContext('2d');
    if (!context) return;
    await page.render({ canvasContext: context, viewport, intent: 'print' }).promise;
  }

  close(): void {
    void this.file.destroy();
  }
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}
let worker: pdfjs.PDFWorker | null = null;

// startWorker runs the one script that this bundle names, also where the page demands trusted types.
function startWorker(): void {
  if (worker) return;
  const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  const own = { createScriptURL: (url: string) => (url === workerUrl ? url : '') };
  const url = types ? types.createPolicy('heqi', own).createScriptURL(workerUrl) : workerUrl;
  pdfjs.GlobalWorkerOptions.workerPort = new Worker(url, { type: 'module' });
  worker = {} as pdfjs.PDFWorker;
}
