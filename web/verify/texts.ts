// texts.ts: the words of the verification page.
import { messages } from '../shared/i18n';

export const text = messages(
  {
    title: '验证已签名的 PDF', lead: '无需登录。文件只用于验证，平台不保存。', drop: '把 PDF 拖到这里，或', choose: '选择文件', again: '再验一个文件', busy: '正在验证…', sent: '已发送 {share}%',
    json: '下载报告（JSON）', plain: '下载报告（文本）', print: '打印', other: 'English', otherName: '切换到英文', name: '合契', tooLarge: '文件超过 64 MiB。', skip: '跳到正文',
    VALID: '有效', VALID_WITH_NOTES: '有效，但有提示', INDETERMINATE: '无法判定', INVALID: '无效', NO_SIGNATURE: '没有签名',
    'say.VALID': '所有签名均成立，时间已证明，内容未被修改。', 'say.VALID_WITH_NOTES': '所有签名均成立，请阅读提示。', 'say.INDETERMINATE': '缺少作出判断所需的信息，暂时不要信赖。', 'say.INVALID': '请勿信赖本文件。', 'say.NO_SIGNATURE': '本文件没有任何签名，可能是未签的原件。',
    signature: '签名 {n}', stamp: '文档时间戳 {n}', signer: '签名人', unknown: '未知', issuer: '颁发者', serial: '证书序列号', claimed: '自称时间', proved: '已证明时间', archived: '长期有效至', reason: '签名理由', authority: '时间戳机构', place: '位置', onPage: '第 {page} 页', noPlace: '无可见签名',
    number: '编号', numberTitle: '按编号验真', numberWhy: '编号印在合同的签名框内（“验真编号”）。凭编号只能查到合同是否已完成、完成时间和文件摘要，看不到姓名和内容。', numberLook: '查询', numberBusy: '正在查询…', numberFound: '本平台有此编号的合同，且已签署完成。', numberNone: '没有已完成的合同使用这个编号，请核对后再试。', numberSince: '完成时间', numberCompare: '再选择您手中的文件，即可比对是否就是这份合同。', numberSame: '您选择的文件就是这份合同。', numberOther: '您选择的文件不是这份合同的完成稿。',
    axes: '逐项结论', findings: '发现', about: '文件', file: '文件名', size: '大小', bytes: '{n} 字节', digest: 'SM3 摘要', asOf: '验证时间', unsigned: '尚未签署的签名域', secondRead: '两种独立的解析结果一致', yes: '是', no: '未比对',
    pages: '页面与签名位置', pagesWhy: '框线表示签名显示在哪里；签名保护的是整个文件，而不只是框内。', page: '第 {n} 页，共 {all} 页', notShown: '本页无法显示该文件；验证结论不受影响。', at: '字节 {offset}', moreSigned: '证据',
    'axis.format': '格式', 'axis.integrity': '内容完整性', 'axis.signature': '签名值', 'axis.coverage': '覆盖范围', 'axis.later_changes': '签名后的修改', 'axis.permissions': '修改权限', 'axis.certificate': '证书', 'axis.time': '时间', 'axis.ltv': '长期验证', 'axis.seal': '电子印章', 'axis.policy': '算法强度', 'axis.document': '文档',
    'format.ok': '符合标准', 'format.deviating': '与标准有偏差', 'format.unsupported': '格式不受支持', 'format.malformed': '格式错误',
    'integrity.intact': '被签内容未被修改', 'integrity.digest_mismatch': '被签内容已被修改', 'integrity.no_binding': '签名与内容没有绑定', 'integrity.not_evaluated': '未判定',
    'signature.valid': '成立', 'signature.invalid': '不成立', 'signature.unsupported_algorithm': '算法不受支持', 'signature.not_evaluated': '未判定',
    'coverage.whole_document': '覆盖整个文件', 'coverage.whole_revision': '覆盖签名时的整个文件', 'coverage.partial': '只覆盖一部分', 'coverage.unclear': '范围不清',
    'later_changes.none': '没有', 'later_changes.lta_only': '只增加了验证数据', 'later_changes.form_fill_or_signature': '有人填写或签名', 'later_changes.annotations': '增加了注释', 'later_changes.other': '有其他修改', 'later_changes.not_evaluated': '未判定',
    'permissions.not_stated': '未声明', 'permissions.respected': '得到遵守', 'permissions.violated': '被违反',
    'certificate.trusted': '受信任，签署时有效', 'certificate.untrusted': '不受信任', 'certificate.expired_at_time': '签署时不在有效期内', 'certificate.revoked': '已吊销', 'certificate.unknown_revocation': '吊销状态未知', 'certificate.wrong_usage': '用途不符', 'certificate.not_evaluated': '未判定',
    'time.none': '没有时间', 'time.claimed': '只有签名人自称的时间', 'time.time_stamped': '由时间戳证明', 'time.inconsistent': '时间互相矛盾',
    'ltv.none': '未包含验证数据', 'ltv.embedded': '已包含验证数据', 'ltv.archived': '已包含，并由文档时间戳封存', 'seal.not_applicable': '不适用', 'seal.valid': '印章有效', 'seal.signature_bad': '制章签名无效', 'seal.maker_untrusted': '制章者不受信任', 'seal.signer_not_listed': '印章未授权给签章人', 'seal.not_in_force': '印章不在有效期', 'seal.withdrawn': '印章已撤销', 'seal.picture_bad': '印章图像无法显示',
    'policy.strong': '强', 'policy.weak': '弱', 'policy.not_evaluated': '未判定',
    note: '提示', indeterminate: '无法判定', invalid: '无效',
  },
  {
    title: 'Verify a signed PDF', lead: 'No sign-in. The file is used to verify it and is not kept.', drop: 'Drop a PDF here, or', choose: 'Choose a file', again: 'Another file', busy: 'Verifying…', sent: '{share}% sent',
    json: 'Download the report (JSON)', plain: 'Download the report (text)', print: 'Print', other: '中文', otherName: 'Switch to Chinese', name: 'Heqi', tooLarge: 'The file has more than 64 MiB.', skip: 'Skip to the content',
    VALID: 'Valid', VALID_WITH_NOTES: 'Valid, with notes', INDETERMINATE: 'Cannot be judged', INVALID: 'Not valid', NO_SIGNATURE: 'Not signed',
    'say.VALID': 'Every signature holds, its time is proved, and nothing was changed.', 'say.VALID_WITH_NOTES': 'Every signature holds; read the notes.', 'say.INDETERMINATE': 'Something that is needed for a judgement is missing; do not rely on it yet.', 'say.INVALID': 'Do not rely on this document.', 'say.NO_SIGNATURE': 'Nobody has signed this document; it may be the unsigned original.',
    signature: 'Signature {n}', stamp: 'Document time-stamp {n}', signer: 'Signer', unknown: 'unknown', issuer: 'Issued by', serial: 'Certificate number', claimed: 'Claimed time', proved: 'Proved time', archived: 'Archived until', reason: 'Reason', authority: 'Time-stamp authority', place: 'Place', onPage: 'page {page}', noPlace: 'no visible signature',
    number: 'Number', numberTitle: 'Look a contract up by its number', numberWhy: 'The number stands in the signature boxes of the contract (验真编号). It tells whether the contract is complete, since when, and the digest of its file; no names and no content.', numberLook: 'Look up', numberBusy: 'Looking it up…', numberFound: 'This platform has a complete contract of this number.', numberNone: 'No complete contract has this number; please check it.', numberSince: 'Complete since', numberCompare: 'Choose the file that you have, and it is compared with this contract.', numberSame: 'The file that you chose is this contract.', numberOther: 'The file that you chose is not the complete form of this contract.',
    axes: 'Each question, answered', findings: 'Findings', about: 'The file', file: 'Name', size: 'Size', bytes: '{n} bytes', digest: 'SM3 digest', asOf: 'Verified at', unsigned: 'Fields not signed yet', secondRead: 'Two independent readers agree', yes: 'yes', no: 'not compared',
    pages: 'Pages, and where the signatures show', pagesWhy: 'The frames say where a signature shows; what it protects is the whole file, not what is in the frame.', page: 'Page {n} of {all}', notShown: 'This page cannot show the file; the verdict does not depend on that.', at: 'byte {offset}', moreSigned: 'Evidence',
    'axis.format': 'Format', 'axis.integrity': 'Content', 'axis.signature': 'Signature value', 'axis.coverage': 'What is covered', 'axis.later_changes': 'Later changes', 'axis.permissions': 'Permissions', 'axis.certificate': 'Certificate', 'axis.time': 'Time', 'axis.ltv': 'Long-term data', 'axis.seal': 'Seal', 'axis.policy': 'Algorithms', 'axis.document': 'Document',
    'format.ok': 'as the standard says', 'format.deviating': 'deviates from the standard', 'format.unsupported': 'not supported', 'format.malformed': 'malformed',
    'integrity.intact': 'what was signed is unchanged', 'integrity.digest_mismatch': 'what was signed was changed', 'integrity.no_binding': 'nothing ties the signature to the content', 'integrity.not_evaluated': 'not judged',
    'signature.valid': 'holds', 'signature.invalid': 'does not hold', 'signature.unsupported_algorithm': 'algorithm not supported', 'signature.not_evaluated': 'not judged',
    'coverage.whole_document': 'the whole file', 'coverage.whole_revision': 'the whole file as it was when signed', 'coverage.partial': 'a part only', 'coverage.unclear': 'unclear',
    'later_changes.none': 'none', 'later_changes.lta_only': 'validation data only', 'later_changes.form_fill_or_signature': 'somebody filled in or signed', 'later_changes.annotations': 'annotations were added', 'later_changes.other': 'other changes', 'later_changes.not_evaluated': 'not judged',
    'permissions.not_stated': 'not stated', 'permissions.respected': 'respected', 'permissions.violated': 'violated',
    'certificate.trusted': 'trusted, and good when it was used', 'certificate.untrusted': 'nobody trusted vouches for it', 'certificate.expired_at_time': 'out of its time when used', 'certificate.revoked': 'revoked', 'certificate.unknown_revocation': 'revocation unknown', 'certificate.wrong_usage': 'made for something else', 'certificate.not_evaluated': 'not judged',
    'time.none': 'no time', 'time.claimed': 'the signer’s word only', 'time.time_stamped': 'proved by a time-stamp', 'time.inconsistent': 'times contradict each other',
    'ltv.none': 'no validation data in the file', 'ltv.embedded': 'validation data in the file', 'ltv.archived': 'in the file, and sealed by a document time-stamp', 'seal.not_applicable': 'none here', 'seal.valid': 'valid', 'seal.signature_bad': 'not signed by its maker', 'seal.maker_untrusted': 'its maker is not trusted', 'seal.signer_not_listed': 'not the signer’s', 'seal.not_in_force': 'not in force', 'seal.withdrawn': 'withdrawn', 'seal.picture_bad': 'cannot be shown',
    'policy.strong': 'strong', 'policy.weak': 'weak', 'policy.not_evaluated': 'not judged',
    note: 'note', indeterminate: 'cannot be judged', invalid: 'not valid',
  },
);
export type Key = Parameters<typeof text>[0];

// word is what a value of the report is called; one that this page does not know is shown as it is.
export function word(group: string, value: string): string {
  const found = text((group ? `${group}.${value}` : value) as Key);
  return found === `${group}.${value}` ? value : found;
}
