// report.ts: the verification report as POST /api/v1/reports gives it, and as plain text.
import { formatTime, language } from '../shared/i18n';
import { text, word, type Key } from './texts';

export interface Place {
  page: number;
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Identity {
  common_name: string;
  subject: string;
  issuer: string;
  serial: string;
}
export interface Finding {
  code: string;
  axis: string;
  severity: 'note' | 'indeterminate' | 'invalid';
  english: string;
  chinese: string;
  evidence: string | null;
  offset: number | null;
}
export type Verdict = 'VALID' | 'VALID_WITH_NOTES' | 'INDETERMINATE' | 'INVALID' | 'NO_SIGNATURE';
export interface Signature {
  field: string;
  kind: 'signature' | 'document_time_stamp';
  verdict: Verdict;
  axes: Record<string, string>;
  reason: string | null;
  place: Place | null;
  signer: Identity | null;
  claimed_time: string | null;
  best_time: { time: string; source: string } | null;
  time_stamp_authority: Identity | null;
  archived_until: string | null;
  findings: Finding[];
}
export interface Report {
  verdict: Verdict;
  evaluated_at: string;
  size: number;
  digest: { algorithm: string; value: string };
  second_read: boolean;
  findings: Finding[];
  unsigned_fields: string[];
  signatures: Signature[];
}

// The eleven axes in the order in which they are asked.
export const axes = ['integrity', 'signature', 'certificate', 'time', 'coverage', 'later_changes', 'permissions', 'format', 'policy', 'ltv', 'seal'];
const good: Record<string, string[]> = {
  integrity: ['intact'], signature: ['valid'], certificate: ['trusted'], time: ['time_stamped'], coverage: ['whole_document', 'whole_revision'],
  later_changes: ['none', 'lta_only', 'form_fill_or_signature'], permissions: ['not_stated', 'respected'], format: ['ok'], policy: ['strong'], ltv: ['embedded', 'archived'], seal: ['not_applicable', 'valid'],
};
const bad: Record<string, string[]> = {
  integrity: ['digest_mismatch', 'no_binding'], signature: ['invalid'], certificate: ['revoked'], time: ['inconsistent'], coverage: ['partial', 'unclear'], later_changes: ['other'], permissions: ['violated'], format: ['malformed'], seal: ['signature_bad', 'signer_not_listed', 'withdrawn', 'picture_bad'],
};
// toneOf is how an axis' value is coloured; its words say the same.
export function toneOf(axis: string, value: string): 'good' | 'warn' | 'bad' {
  if (good[axis]?.includes(value)) return 'good';
  return bad[axis]?.includes(value) ? 'bad' : 'warn';
}
export function toneOfVerdict(verdict: Verdict): 'good' | 'warn' | 'bad' {
  return verdict === 'VALID' || verdict === 'VALID_WITH_NOTES' ? 'good' : verdict === 'INVALID' ? 'bad' : 'warn';
}

// shown is text of the document without what would not be seen, or would turn the line around.
export function shown(value: string): string {
  return value.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
}
export function time(value: string | null): string {
  return value ? formatTime(new Date(value)) : '';
}
export function nameOf(one: Signature, index: number): string {
  return text(one.kind === 'signature' ? 'signature' : 'stamp', { n: index + 1 });
}

// facts are the lines under a signature's verdict; empty ones are left out.
export function facts(one: Signature): [string, string][] {
  const who = one.kind === 'signature' ? one.signer : one.time_stamp_authority ?? one.signer;
  const lines: [Key, string][] = [
    [one.kind === 'signature' ? 'signer' : 'authority', who ? who.common_name || who.subject : text('unknown')],
    ['issuer', who?.issuer ?? ''],
    ['serial', who?.serial ?? ''],
    ['reason', one.reason ?? ''],
    ['claimed', time(one.claimed_time)],
    ['proved', time(one.best_time?.time ?? null)],
    ['archived', time(one.archived_until)],
    ['place', one.place ? text('onPage', { page: one.place.page }) : text('noPlace')],
  ];
  return lines.filter(([, value]) => value !== '').map(([key, value]) => [text(key), shown(value)]);
}
export function findingText(finding: Finding): string {
  const words = language() === 'zh' ? finding.chinese : finding.english;
  const evidence = finding.evidence ? ` [${shown(finding.evidence)}]` : '';
  const offset = finding.offset === null ? '' : ` (${text('at', { offset: finding.offset })})`;
  return `${text(finding.severity)}: ${words}${evidence}${offset}`;
}

// toText is the report for people, in the page's language.
export function toText(report: Report, fileName: string): string {
  const lines = [
    `${word('', report.verdict)} (${report.verdict}). ${text(`say.${report.verdict}`)}`, '',
    `${text('file')}: ${shown(fileName)}`, `${text('size')}: ${text('bytes', { n: report.size })}`,
    `${report.digest.algorithm}: ${report.digest.value}`, `${text('asOf')}: ${report.evaluated_at}`,
    ...report.findings.map((finding) => `  ${findingText(finding)}`),
  ];
  report.signatures.forEach((one, index) => {
    lines.push('', `${nameOf(one, index)}: ${word('', one.verdict)} (${one.verdict})`);
    for (const [name, value] of facts(one)) lines.push(`  ${name}: ${value}`);
    for (const axis of axes) lines.push(`  ${word('axis', axis)}: ${word(axis, one.axes[axis] ?? '')}`);
    for (const finding of one.findings) lines.push(`  ${findingText(finding)}`);
  });
  return lines.join('\n') + '\n';
}
