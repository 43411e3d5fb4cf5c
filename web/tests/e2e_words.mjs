// e2e_words.mjs: what a person reads on the pages, in both languages: written down here once more, so that a page that
// says something else is noticed.
export const words = {
  zh: {
    intro: '请您签署合同', readIt: '阅读并签署', code: '验证您的邮箱', sendCode: '发送验证码', next: '继续', again: '重新发送', identity: '确认您的身份', check: '开始核验',
    evidence: '完成核验', pin: '设置签名 PIN', certificate: '申请证书', read: '阅读合同', nextPage: '下一页', readDone: '我已阅读全文',
    draw: '您的签名', generated: '生成的签名', summary: '核对并签署', sign: '输入 PIN 签署', progress: '正在签署', done: '您已签署', complete: '合同已签署完成',
    retry: '重试', refused: '未能签署', lost: '签名密钥不在此浏览器中', reEnrol: '重新登记', locked: '签名密钥已锁定', delayed: 'PIN 暂时锁定',
    expired: '合同已过期', declined: '合同已被拒签', withdrawn: '合同已被撤回', wrongPerson: '此链接不是发给您的', otherDevice: '此浏览器属于另一位签署人', badLink: '链接无效',
    decline: '拒绝签署', declineConfirm: '确认拒签', wrongPin: 'PIN 错误', away: '连不上服务，正在重试。您的进度不会丢失。', enrol: '启用签名设备', verify: '验证签名',
    invitation: '签署邀请', oneTimeCode: '一次性验证码', show: '查看', send: '发送', download: '下载 PDF', contractComplete: '已完成', ready: '可以发送。', place: '放置',
    mail: '通知', newContract: '发起签署', withdraw: '撤回', certificateWorking: '正在申请证书…', outdated: '页面需要更新', reload: '重新加载', valid: '有效', remind: '提醒未签的人', codeVoid: '验证码已失效，请重新发送。',
  },
  en: {
    intro: 'Please sign this contract', readIt: 'Read and sign', code: 'Confirm your address', sendCode: 'Send the code', next: 'Continue', again: 'Send it again', identity: 'Confirm who you are', check: 'Start the check',
    evidence: 'Finish the check', pin: 'Choose your signing PIN', certificate: 'Apply for your certificate', read: 'Read the contract', nextPage: 'Next page', readDone: 'I have read all of it',
    draw: 'Your signature', generated: 'Made from your name', summary: 'Check and sign', sign: 'Enter your PIN to sign', progress: 'Signing', done: 'You have signed', complete: 'The contract is complete',
    retry: 'Try again', refused: 'Not signed', lost: 'Your signing key is not in this browser', reEnrol: 'Enrol anew', locked: 'Your signing key is locked', delayed: 'The PIN is locked for a while',
    expired: 'The contract has expired', declined: 'The contract was declined', withdrawn: 'The contract was withdrawn', wrongPerson: 'This link is not for you', otherDevice: 'This browser belongs to another signer', badLink: 'The link is not valid',
    decline: 'Decline to sign', declineConfirm: 'Decline', wrongPin: 'The PIN is wrong', away: 'The service cannot be reached; trying again. Nothing is lost.', enrol: 'Set up signing here', verify: 'Verify signatures',
    invitation: 'Invitation', oneTimeCode: 'One-time code', show: 'Read', send: 'Send', download: 'Download PDF', contractComplete: 'Complete', ready: 'Ready to be sent.', place: 'Place',
    mail: 'Mail', newContract: 'New contract', withdraw: 'Withdraw', certificateWorking: 'Applying for your certificate…', outdated: 'This page is out of date', reload: 'Load again', valid: 'Valid', remind: 'Remind who has not signed', codeVoid: 'The code is no longer valid. Send a new one.',
  },
};
