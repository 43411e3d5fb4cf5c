// check.ts: what must be right before a contract is sent, each in the page's language.
import type { Place } from './api';
import { table } from './state';

const t = table(
  { file: '请先选择文件。', title: '请填写标题。', titleLong: '标题过长（最多 150 字节）。', name: '请填写第 {n} 方的姓名。', email: '第 {n} 方的邮箱不正确。',
    twice: '第 {a} 方与第 {b} 方是同一个人。', past: '截止日期必须在未来。', late: '截止日期最多在一年之内。', overlap: '第 {a} 方与第 {b} 方的签名位置重叠。',
    some: '有的签名已放置，第 {n} 方还没有：请放置，或全部移除以自动放置。' },
  { file: 'Choose a file.', title: 'Give it a title.', titleLong: 'The title is too long (150 octets at most).', name: 'Give the name of party {n}.', email: 'The e-mail address of party {n} is not right.',
    twice: 'Parties {a} and {b} are the same person.', past: 'The last day must be in the future.', late: 'The last day is at most a year from now.', overlap: 'The signatures of parties {a} and {b} overlap.',
    some: 'Some signatures are placed, that of party {n} is not: place it, or remove all to have them placed.' },
);

export interface Plan {
  hasFile: boolean;
  title: string;
  parties: { name: string; email: string; idNumber: string }[];
  places: (Place | null)[];
  expires: Date;
}

// isAddress is the platform's own rule in short: plain ASCII, one @, a domain.
export function isAddress(text: string): boolean {
  return /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(text.trim()) && text.trim().length <= 254;
}

function overlap(a: Place, b: Place): boolean {
  return a.page === b.page && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

// checkBeforeSending lists what is in the way; empty: it can be sent.
export function checkBeforeSending(plan: Plan): string[] {
  const out: string[] = [];
  if (!plan.hasFile) out.push(t('file'));
  if (!plan.title.trim()) out.push(t('title'));
  if (new TextEncoder().encode(plan.title.trim()).length > 150) out.push(t('titleLong'));
  plan.parties.forEach((party, index) => {
    if (!party.name.trim()) out.push(t('name', { n: index + 1 }));
    if (!isAddress(party.email)) out.push(t('email', { n: index + 1 }));
  });
  const same = (a: (typeof plan.parties)[0], b: (typeof plan.parties)[0]): boolean =>
    (a.idNumber.trim() !== '' && a.idNumber.trim().toUpperCase() === b.idNumber.trim().toUpperCase()) ||
    (a.email.trim() !== '' && a.email.trim().toLowerCase() === b.email.trim().toLowerCase() && a.name.trim() === b.name.trim());
  for (let a = 0; a < plan.parties.length; ++a)
    for (let b = a + 1; b < plan.parties.length; ++b) {
      if (same(plan.parties[a]!, plan.parties[b]!)) out.push(t('twice', { a: a + 1, b: b + 1 }));
      const [one, other] = [plan.places[a], plan.places[b]];
      if (one && other && overlap(one, other)) out.push(t('overlap', { a: a + 1, b: b + 1 }));
    }
  const missing = plan.places.findIndex((place) => !place);
  if (missing >= 0 && plan.places.some(Boolean)) out.push(t('some', { n: missing + 1 }));
  const time = plan.expires.getTime();
  if (!(time > Date.now())) out.push(t('past'));
  else if (time > Date.now() + 365 * 86_400_000) out.push(t('late'));
  return out;
}
