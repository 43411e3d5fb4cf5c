// number.ts: a contract by the number that stands in its visible signatures: whether it is complete here, since when,
// and the digest of its file. The platform tells a stranger nothing else.
import { formatTime } from '../shared/i18n';
import { askJson, Problem } from '../shared/rest';
import { button, make } from './dom';
import { text } from './texts';

interface Found {
  number: string;
  state: 'complete';
  completed_at: string;
  digest: { algorithm: string; value: string };
}
const state: { typed: string; busy: boolean; found: Found | null; problem: Problem | null } = { typed: '', busy: false, found: null, problem: null };

async function look(redraw: () => void): Promise<void> {
  const asked = state.typed;
  if (!asked.trim() || state.busy) return;
  Object.assign(state, { busy: true, found: null, problem: null });
  redraw();
  try {
    state.found = await askJson<Found>(`/api/v1/numbers/${encodeURIComponent(asked.trim())}`);
  } catch (failure) {
    state.problem = failure instanceof Problem ? failure : new Problem('strange', 0, null);
  }
  state.busy = false;
  redraw();
  document.querySelector<HTMLElement>('#number-said')?.focus();
}

// compared says whether the file that was verified is the one of the number.
function compared(found: Found, digest: string | null): HTMLElement {
  if (digest === null) return make('p', { class: 'soft' }, text('numberCompare'));
  const same = digest === found.digest.value;
  return make('p', { class: same ? 'note good' : 'note bad', 'data-same': String(same) }, text(same ? 'numberSame' : 'numberOther'));
}

function said(digest: string | null): HTMLElement | null {
  const { found, problem } = state;
  if (problem) {
    const known = problem.id === 'not_found' || problem.id === 'malformed';
    return make('p', { id: 'number-said', class: 'note bad', role: 'alert', tabindex: '-1' }, known ? text('numberNone') : `${problem.text} ${problem.action}`);
  }
  if (!found) return null;
  const list = make('dl');
  for (const [name, value] of [[text('number'), found.number], [text('numberSince'), formatTime(new Date(found.completed_at))], [text('digest'), found.digest.value]] as const)
    list.append(make('dt', {}, name), make('dd', {}, make('bdi', {}, value)));
  return make('div', { id: 'number-said', role: 'status', tabindex: '-1' },
    make('p', { class: 'note good' }, text('numberFound')), list, compared(found, digest));
}

// numberCard is the form and what it found; digest is that of the file that was verified, or null.
export function numberCard(digest: string | null, redraw: () => void): HTMLElement {
  const input = make('input', { id: 'number', name: 'number', type: 'text', maxlength: '60', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', value: state.typed });
  input.addEventListener('input', () => (state.typed = input.value));
  const form = make('form', { class: 'row' }, input, button(text('numberLook'), () => void look(redraw)));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void look(redraw);
  });
  return make('section', { class: 'card no-print' }, make('h2', {}, make('label', { for: 'number' }, text('numberTitle'))),
    make('p', { class: 'soft' }, text('numberWhy')), form, make('p', { role: 'status', class: 'busy' }, state.busy ? text('numberBusy') : ''), said(digest));
}

// takeFromAddress asks for the number after the # of the page's address, which no server sees.
export function takeFromAddress(redraw: () => void): void {
  let number = '';
  try {
    number = decodeURIComponent(location.hash.slice(1));
  } catch {
    return;
  }
  if (!/^[A-Za-z0-9 -]{1,60}$/.test(number)) return;
  state.typed = number;
  void look(redraw);
}
