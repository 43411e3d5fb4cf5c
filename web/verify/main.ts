// The verification page: a file goes to the platform, the report comes back, and is shown in plain words.
import '../shared/theme.css';
import './verify.css';
import { language, markDocument, onLanguage, setLanguage } from '../shared/i18n';
import { Problem, problemOf } from '../shared/rest';
import type { PdfPages } from '../shared/pdf_pages';
import { button, make } from './dom';
import { numberCard, takeFromAddress } from './number';
import { axes, facts, findingText, nameOf, shown, time, toneOf, toneOfVerdict, toText, type Finding, type Report, type Signature } from './report';
import { text, word } from './texts';

const sizeMax = 64 * 1024 * 1024;
const app = document.querySelector<HTMLElement>('#app')!;

// State is what the page shows; draw() makes it anew from this.
const state: {
  share: number | null;
  file: File | null;
  json: string;
  report: Report | null;
  problem: Problem | null;
  tooLarge: boolean;
  pages: PdfPages | null;
  notShown: boolean;
} = { share: null, file: null, json: '', report: null, problem: null, tooLarge: false, pages: null, notShown: false };
let request: XMLHttpRequest | null = null;

// verify sends the file; the browser's fetch could not say how much of it has left.
function verify(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    request?.abort();
    const mine = (request = new XMLHttpRequest());
    mine.open('POST', '/api/v1/reports');
    mine.setRequestHeader('Accept', 'application/json, application/problem+json');
    mine.setRequestHeader('Content-Type', 'application/pdf');
    mine.upload.onprogress = (event) => {
      if (!event.lengthComputable || state.share === null) return;
      state.share = Math.round((event.loaded / event.total) * 100);
      status.textContent = state.share < 100 ? text('sent', { share: state.share }) : text('busy');
    };
    mine.onerror = () => reject(new Problem('offline', 0, null));
    mine.onload = () => {
      if (mine.status === 200) resolve(mine.responseText);
      else problemOf(new Response(mine.responseText, { status: mine.status })).then(reject);
    };
    mine.send(file);
  });
}

async function take(file: File | undefined): Promise<void> {
  if (!file) return;
  state.pages?.close();
  Object.assign(state, { share: 0, file, json: '', report: null, problem: null, pages: null, notShown: false, tooLarge: file.size > sizeMax });
  if (state.tooLarge) state.share = null;
  draw();
  if (state.tooLarge) return;
  try {
    const json = await verify(file);
    if (state.file !== file) return; // another one was chosen
    state.json = json;
    state.report = JSON.parse(json) as Report;
  } catch (failure) {
    if (state.file !== file) return;
    state.problem = failure instanceof Problem ? failure : new Problem('strange', 0, null);
  }
  state.share = null;
  draw();
  document.querySelector<HTMLElement>('#verdict')?.focus();
  if (!state.report) return;
  try {
    const { PdfPages } = await import('../shared/pdf_pages');
    const pages = await PdfPages.open(new Uint8Array(await file.arrayBuffer()));
    if (state.file === file) state.pages = pages;
    else pages.close();
  } catch {
    state.notShown = true;
  }
  if (state.file === file) drawPages();
}

function save(content: string, type: string, ending: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  make('a', { href: url, download: `heqi-report${ending}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const status = make('p', { role: 'status', class: 'busy' });

function chooser(): HTMLElement {
  const input = make('input', { type: 'file', accept: 'application/pdf,.pdf', class: 'hidden-text', name: 'file' });
  input.addEventListener('change', () => void take(input.files?.[0]));
  const label = make('label', { class: 'button main' }, text(state.file ? 'again' : 'choose'), input);
  const box = make('div', { class: 'drop' }, !state.file && make('p', {}, text('drop')), label);
  status.textContent = state.share === null ? '' : text('busy');
  box.append(status);
  box.addEventListener('dragover', (event) => {
    event.preventDefault();
    box.classList.add('over');
  });
  box.addEventListener('dragleave', () => box.classList.remove('over'));
  box.addEventListener('drop', (event) => {
    event.preventDefault();
    void take(event.dataTransfer?.files[0]);
  });
  return box;
}

function problemNote(problem: Problem): HTMLElement {
  return make('div', { class: 'note bad', role: 'alert' }, make('p', {}, make('strong', {}, problem.text), ` ${problem.action}`),
    problem.body?.detail ? make('p', { class: 'soft', lang: 'en' }, shown(problem.body.detail)) : null);
}

function findingList(findings: Finding[]): HTMLElement | null {
  if (findings.length === 0) return null;
  const list = make('ul', { class: 'findings' });
  for (const finding of findings) list.append(make('li', { class: `is-${finding.severity}` }, findingText(finding)));
  return make('div', {}, make('h3', {}, text('findings')), list);
}

function factList(lines: [string, string][]): HTMLElement {
  const list = make('dl');
  for (const [name, value] of lines) list.append(make('dt', {}, name), make('dd', {}, make('bdi', {}, value)));
  return list;
}

function signatureCard(one: Signature, index: number): HTMLElement {
  const list = make('dl', { class: 'axes' });
  for (const axis of axes) {
    const value = one.axes[axis] ?? '';
    list.append(make('dt', {}, word('axis', axis)), make('dd', { class: toneOf(axis, value) }, word(axis, value)));
  }
  return make('section', { class: 'card', id: `signature-${index + 1}` },
    make('div', { class: 'head' }, make('h2', {}, nameOf(one, index)), make('span', { class: `state ${toneOfVerdict(one.verdict)}` }, word('', one.verdict))),
    factList(facts(one)), make('h3', {}, text('axes')), list, findingList(one.findings));
}

function reportView(report: Report, file: File): HTMLElement {
  const lines: [string, string][] = [
    [text('file'), shown(file.name)], [text('size'), text('bytes', { n: report.size })], [text('digest'), report.digest.value],
    [text('asOf'), time(report.evaluated_at)], [text('secondRead'), text(report.second_read ? 'yes' : 'no')],
  ];
  if (report.unsigned_fields.length) lines.push([text('unsigned'), report.unsigned_fields.map(shown).join(', ')]);
  return make('div', {},
    make('section', { class: `card verdict ${toneOfVerdict(report.verdict)}`, id: 'verdict', tabindex: '-1', role: 'status' },
      make('p', { class: 'word' }, word('', report.verdict)), make('p', {}, text(`say.${report.verdict}`)),
      make('div', { class: 'row no-print' },
        button(text('json'), () => save(state.json, 'application/json', '.json')),
        button(text('plain'), () => save(toText(report, file.name), 'text/plain;charset=utf-8', '.txt')),
        button(text('print'), () => window.print()))),
    ...report.signatures.map(signatureCard),
    make('section', { class: 'card' }, make('h2', {}, text('about')), factList(lines), findingList(report.findings)),
    make('section', { class: 'card pages', id: 'pages', hidden: '' }));
}

// drawPages shows the pages with a frame where each signature shows.
function drawPages(): void {
  const holder = document.querySelector<HTMLElement>('#pages');
  const { pages, report } = state;
  if (!holder || !report) return;
  holder.hidden = !pages && !state.notShown;
  holder.replaceChildren(make('h2', {}, text('pages')));
  if (state.notShown) holder.append(make('p', { class: 'note' }, text('notShown')));
  if (!pages) return;
  holder.append(make('p', { class: 'soft' }, text('pagesWhy')));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      const canvas = entry.target as HTMLCanvasElement;
      void pages.draw(Number(canvas.dataset.page), canvas, canvas.clientWidth).catch(() => undefined);
    }
  }, { rootMargin: '600px' });
  pages.sizes.forEach((size, index) => {
    const canvas = make('canvas', { 'data-page': String(index + 1), role: 'img', 'aria-label': text('page', { n: index + 1, all: pages.sizes.length }) });
    const sheet = make('div', { class: 'sheet' }, canvas);
    sheet.style.aspectRatio = `${size.width} / ${size.height}`;
    report.signatures.forEach((one, number) => {
      if (one.place?.page !== index + 1) return;
      const mark = make('a', { class: `mark ${toneOfVerdict(one.verdict)}`, href: `#signature-${number + 1}`, title: `${nameOf(one, number)}: ${word('', one.verdict)}` },
        make('span', {}, `${number + 1} · ${word('', one.verdict)}`));
      const share = (value: number, whole: number): string => `${(value / whole) * 100}%`;
      Object.assign(mark.style, { left: share(one.place.x, size.width), top: share(one.place.y, size.height), width: share(one.place.width, size.width), height: share(one.place.height, size.height) });
      sheet.append(mark);
    });
    holder.append(make('figure', {}, make('figcaption', { class: 'soft' }, text('page', { n: index + 1, all: pages.sizes.length })), sheet));
    seen.observe(canvas);
  });
}

function draw(): void {
  document.title = `${text('title')} · ${text('name')}`;
  const language_button = button(text('other'), () => setLanguage(language() === 'zh' ? 'en' : 'zh'), 'small');
  language_button.setAttribute('aria-label', text('otherName'));
  app.replaceChildren(
    make('header', { class: 'bar no-print' }, make('a', { class: 'brand', href: '/' }, make('i', { 'aria-hidden': 'true' }, '契'), text('name')), language_button),
    make('main', {},
      make('h1', {}, text('title')), make('p', { class: 'soft no-print' }, text('lead')), make('div', { class: 'no-print' }, chooser()),
      state.tooLarge && make('p', { class: 'note bad', role: 'alert' }, text('tooLarge')),
      state.problem && problemNote(state.problem),
      state.report && state.file && reportView(state.report, state.file),
      numberCard(state.report?.digest.value ?? null, draw)));
  drawPages();
}

markDocument();
onLanguage(draw);
draw();
takeFromAddress(draw);
