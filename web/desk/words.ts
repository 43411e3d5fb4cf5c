// words.ts: what states, acts, kinds and roles are called.
import { table } from './state';

const text = table(
  {
    'contract.draft': '草稿', 'contract.signing': '签署中', 'contract.completing': '正在归档', 'contract.complete': '已完成',
    'contract.declined': '已拒签', 'contract.withdrawn': '已撤回', 'contract.expired': '已过期', 'contract.failed': '失败',
    'party.waiting': '等待轮到', 'party.invited': '已通知，待签', 'party.signing': '正在签署', 'party.signed': '已签署', 'party.declined': '已拒签',
    'act.created': '创建了合同', 'act.started': '发出签署', 'act.reminded': '提醒了 {detail}', 'act.link_made': '取得了 {detail} 的签署链接',
    'act.signed': '签署了', 'act.not_signed': '签署未完成（{detail}）', 'act.contract.declined': '拒签：{detail}', 'act.contract.withdrawn': '撤回：{detail}',
    'act.complete': '合同完成，已加盖文档时间戳', 'act.declined': '合同因拒签结束', 'act.withdrawn': '合同已撤回', 'act.expired': '合同已过期', 'act.failed': '合同失败',
    'act.opened': '打开了链接', 'act.legal_consent': '同意将证据包交给 {detail}', 'act.legal_heard': '证据包已送达 {detail}', 'act.legal_refused': '{detail} 未接受证据包',
    'role.member': '成员', 'role.operator': '操作员', 'role.auditor': '审计员', 'role.administrator': '管理员',
    'kind.invitation': '签署邀请', 'kind.reminder': '提醒', 'kind.authorisation_code': '设备授权码', 'kind.one_time_code': '一次性验证码', 'kind.code_void': '授权码失效',
    'kind.completed': '完成', 'kind.declined': '拒签', 'kind.expired': '过期', 'kind.withdrawn': '撤回', 'kind.signing_failed': '签署未完成',
    'kind.key_locked': '密钥锁定', 'kind.certificate_issued': '证书签发', 'kind.certificate_failed': '证书失败', 'kind.mail_test': '邮件测试', 'kind.signed_in': '登录',
    platform: '平台',
  },
  {
    'contract.draft': 'Draft', 'contract.signing': 'Being signed', 'contract.completing': 'Being completed', 'contract.complete': 'Complete',
    'contract.declined': 'Declined', 'contract.withdrawn': 'Withdrawn', 'contract.expired': 'Expired', 'contract.failed': 'Failed',
    'party.waiting': 'Not their turn yet', 'party.invited': 'Asked to sign', 'party.signing': 'Signing now', 'party.signed': 'Signed', 'party.declined': 'Declined',
    'act.created': 'made the contract', 'act.started': 'sent it for signing', 'act.reminded': 'reminded {detail}', 'act.link_made': 'took a link for {detail}',
    'act.signed': 'signed', 'act.not_signed': 'did not finish signing ({detail})', 'act.contract.declined': 'declined: {detail}', 'act.contract.withdrawn': 'withdrew it: {detail}',
    'act.complete': 'The contract is complete, with a document time-stamp', 'act.declined': 'The contract ended: declined', 'act.withdrawn': 'The contract was withdrawn',
    'act.expired': 'The contract expired', 'act.failed': 'The contract failed', 'act.opened': 'opened the link',
    'act.legal_consent': 'agreed to hand the evidence package to {detail}', 'act.legal_heard': 'The evidence package reached {detail}', 'act.legal_refused': '{detail} did not take the evidence package',
    'role.member': 'Member', 'role.operator': 'Operator', 'role.auditor': 'Auditor', 'role.administrator': 'Administrator',
    'kind.invitation': 'Invitation', 'kind.reminder': 'Reminder', 'kind.authorisation_code': 'Device code', 'kind.one_time_code': 'One-time code', 'kind.code_void': 'Code void',
    'kind.completed': 'Completed', 'kind.declined': 'Declined', 'kind.expired': 'Expired', 'kind.withdrawn': 'Withdrawn', 'kind.signing_failed': 'Not signed',
    'kind.key_locked': 'Key locked', 'kind.certificate_issued': 'Certificate issued', 'kind.certificate_failed': 'Certificate failed', 'kind.mail_test': 'Test', 'kind.signed_in': 'Sign-in',
    platform: 'Platform',
  },
);

// word is what a value of the interface is called; one that this page does not know is shown as it is.
export function word(kind: 'contract' | 'party' | 'act' | 'role' | 'kind', value: string, detail = ''): string {
  const key = `${kind}.${value}` as Parameters<typeof text>[0];
  const found = text(key, { detail });
  return found === key ? value : found;
}
export function actor(name: string): string {
  return name === 'platform' ? text('platform') : name;
}
// tone is the colour of a state: good, warn (goes on), bad, or none.
export function tone(state: string): string {
  if (['complete', 'signed'].includes(state)) return 'good';
  if (['signing', 'completing', 'invited'].includes(state)) return 'warn';
  if (['declined', 'expired', 'failed'].includes(state)) return 'bad';
  return '';
}
export function isOpen(state: string): boolean {
  return ['draft', 'signing', 'completing'].includes(state);
}
