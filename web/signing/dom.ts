// dom.ts: elements made from code. Texts become text nodes: nothing that came over the network is ever read as HTML.
type Child = Node | string | null | false | undefined;
type Handler = (event: Event) => void;
export type Attributes = Record<string, string | number | boolean | null | undefined | Handler>;

// make builds one element: attributes by name, "onclick" and its like as listeners; true is an empty attribute.
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== null && child !== false && child !== undefined) element.append(child);
  return element;
}

// facts is a list of names and what they are.
export function facts(entries: [string, string | Node][]): HTMLElement {
  const list = make('dl', { class: 'facts' });
  for (const [name, value] of entries) list.append(make('div', {}, make('dt', {}, name), make('dd', {}, value)));
  return list;
}

// button runs act once at a time: while what it began goes on, it is busy and takes no further press.
export function button(text: string, act: () => void | Promise<void>, kind: 'primary' | 'plain' | 'quiet' | 'danger' = 'primary'): HTMLButtonElement {
  const press = (): void => {
    if (element.getAttribute('aria-busy') === 'true') return;
    const going = act();
    if (!(going instanceof Promise)) return;
    element.setAttribute('aria-busy', 'true');
    void going.finally(() => element.removeAttribute('aria-busy'));
  };
  const element = make('button', { type: 'button', class: `button ${kind}`, onclick: press }, text);
  return element;
}

// field is a labelled input with a hint and a place for its error.
export interface Field {
  row: HTMLElement;
  input: HTMLInputElement;
  setError(text: string): void;
}
export function field(id: string, label: string, hint: string, attributes: Attributes): Field {
  const input = make('input', { id, name: id, 'aria-describedby': `${id}-hint ${id}-error`, ...attributes });
  const error = make('p', { id: `${id}-error`, class: 'error', role: 'alert' });
  const row = make(
    'div',
    { class: 'field' },
    make('label', { for: id }, label),
    input,
    make('p', { id: `${id}-hint`, class: 'hint' }, hint),
    error,
  );
  return {
    row,
    input,
    setError(text) {
      error.textContent = text;
      if (text) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
    },
  };
}
