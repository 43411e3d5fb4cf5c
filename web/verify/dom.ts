// dom.ts: elements made by hand. Text is always a text node: nothing of a file or a report becomes markup.
type Child = Node | string | null | false;
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const child of children) if (child !== null && child !== false) element.append(child);
  return element;
}
export function button(words: string, run: () => void, kind = ''): HTMLButtonElement {
  const element = make('button', { type: 'button', class: kind }, words);
  element.addEventListener('click', run);
  return element;
}
