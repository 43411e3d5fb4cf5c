#include <heqi/services/notify/notice.h>

#include <algorithm>
#include <array>
#include <utility>

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/http/json.h>
#include <heqi/http/smtp.h>

namespace heqi::services::notify {
namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

// Template is the text of one kind. A line whose {field} is empty is left out.
struct Template {
  Kind kind;
  std::string_view name;
  std::string_view fields;    // that must be there
  std::string_view optional;  // that may be there
  std::string_view subject_chinese, subject_english;
  std::string_view chinese, english;
};

constexpr Template kTemplates[] = {
    {Kind::invitation, "invitation", "title,by,link", "until", "请签署：{title}",
     "Please sign: {title}",
     "{by} 请您签署合同“{title}”。\n打开此链接查看并签署：\n{link}\n请在 {until} 前完成。\n"
     "签署在您自己的设备上进行，我们不会向您索要 PIN。\n",
     "{by} asks you to sign the contract \"{title}\".\nOpen this link to read and sign "
     "it:\n{link}\n"
     "Please finish by {until}.\nYou sign on your own device; nobody will ask you for your PIN.\n"},
    {Kind::reminder, "reminder", "title,by,link", "until", "提醒签署：{title}",
     "Reminder to sign: {title}",
     "{by} 提醒您签署合同“{title}”。\n打开此链接查看并签署：\n{link}\n请在 {until} 前完成。\n",
     "{by} reminds you to sign the contract \"{title}\".\nOpen this link to read and sign "
     "it:\n{link}\n"
     "Please finish by {until}.\n"},
    {Kind::mail_test, "mail_test", "by", "", "邮件测试", "Test of mail",
     "这是 {by} 发出的测试邮件。收到它说明通知可以送达。\n",
     "This is a test that {by} asked for. Since it arrived, notices arrive.\n"},
    {Kind::authorisation_code, "authorisation_code", "code_id,until", "", "您的授权码",
     "Your authorisation code",
     "您的设备注册授权码：\n{code}\n有效期至 "
     "{until}，仅可使用一次。\n请勿转告他人，工作人员不会向您索要。\n",
     "The code for enrolling your device:\n{code}\nIt is valid until {until} and can be used "
     "once.\n"
     "Tell it to nobody; our staff never ask for it.\n"},
    {Kind::one_time_code, "one_time_code", "code_id,title,until", "", "您的验证码",
     "Your one-time code",
     "您正在打开合同“{title}”的签署页面，验证码：\n{code}\n有效期至 {until}，仅可使用一次。\n"
     "如果不是您本人操作，请忽略本通知，也不要把验证码告诉任何人。\n",
     "The code for the signing page of \"{title}\":\n{code}\nIt is valid until {until} and can be "
     "used once.\n"
     "If you did not ask for it, ignore this notice and tell the code to nobody.\n"},
    {Kind::code_void, "code_void", "reason", "", "授权码已失效", "Your authorisation code is void",
     "您的授权码已失效：{reason}\n如果不是您本人操作，请联系我们；需要时请重新申请授权码。\n",
     "Your authorisation code is void: {reason}\nIf that was not you, contact us; ask for a new "
     "code "
     "when you need one.\n"},
    {Kind::completed, "completed", "title", "link", "签署完成：{title}", "Completed: {title}",
     "合同“{title}”已由各方签署完成。\n查看、下载和验证已签文件：\n{link}\n",
     "All parties have signed the contract \"{title}\".\nLook at, download and verify the signed "
     "file:\n{link}\n"},
    {Kind::declined, "declined", "title,by", "reason", "已拒签：{title}", "Declined: {title}",
     "{by} 拒绝签署合同“{title}”，合同未成立。\n理由：{reason}\n",
     "{by} declined to sign the contract \"{title}\"; it was not concluded.\nReason: {reason}\n"},
    {Kind::expired, "expired", "title", "", "已过期：{title}", "Expired: {title}",
     "合同“{title}”未在期限内签署完成，现已过期，合同未成立。\n",
     "The contract \"{title}\" was not signed in time and has expired; it was not concluded.\n"},
    {Kind::withdrawn, "withdrawn", "title,by", "reason", "已撤回：{title}", "Withdrawn: {title}",
     "{by} 撤回了合同“{title}”，无需再签署。\n理由：{reason}\n",
     "{by} withdrew the contract \"{title}\"; there is nothing left to sign.\nReason: {reason}\n"},
    {Kind::signing_failed, "signing_failed", "title,reason", "", "签署未完成：{title}",
     "Not signed: {title}", "您对“{title}”的签署未完成：{reason}\n",
     "Your signature of \"{title}\" was not completed: {reason}\n"},
    {Kind::key_locked, "key_locked", "", "reason", "您的签名密钥已锁定",
     "Your signing key is locked",
     "PIN 错误次数过多，您的签名密钥已锁定。\n{reason}\n如果不是您本人操作，请立即联系我们。"
     "解锁需要重新核验身份。\n",
     "After too many wrong PINs your signing key is locked.\n{reason}\nIf that was not you, "
     "contact us "
     "at once. To unlock it, prove your identity again.\n"},
    {Kind::certificate_issued, "certificate_issued", "title", "", "证书已签发",
     "Your certificate was issued", "您的签名证书已签发并存入您的设备：{title}\n",
     "Your signing certificate was issued and stored in your device: {title}\n"},
    {Kind::certificate_failed, "certificate_failed", "reason", "", "证书申请未完成",
     "Your certificate was not issued", "您的证书申请未完成：{reason}\n",
     "Your application for a certificate was not completed: {reason}\n"},
    {Kind::revocation_asked, "revocation_asked", "title,by,until", "", "是否吊销您的证书",
     "Is your certificate to be revoked?",
     "{by} 请求吊销您的签名证书：{title}\n请在 {until} 前在您的签名终端上确认或拒绝"
     "（heqi device next --sign 或 heqi device cancel）。\n不作答则证书继续有效。\n",
     "{by} asks for your signing certificate to be revoked: {title}\nAgree or decline at your "
     "signing terminal by {until} (heqi device next --sign, or heqi device cancel).\nWithout an "
     "answer the certificate stays.\n"},
    {Kind::certificate_revoked, "certificate_revoked", "title", "", "证书已吊销",
     "Your certificate is revoked",
     "您的签名证书已吊销：{title}\n设备中的密钥将被删除。如果不是您本人操作，请立即联系我们。\n",
     "Your signing certificate is revoked: {title}\nIts key in your device will be erased. If that "
     "was not you, contact us at once.\n"},
    {Kind::certificate_kept, "certificate_kept", "title,reason", "", "证书未吊销",
     "Your certificate was not revoked", "您的签名证书未被吊销：{title}\n原因：{reason}\n",
     "Your signing certificate was not revoked: {title}\nReason: {reason}\n"},
    {Kind::update_asked, "update_asked", "title,until", "", "请更新您的证书",
     "Please update your certificate",
     "您的签名证书即将到期：{title}\n请在 {until} 前在您的签名终端上更新（heqi device update）。\n"
     "更新时需要输入 PIN；不更新则旧证书用至到期。\n",
     "Your signing certificate will end soon: {title}\nUpdate it at your signing terminal by "
     "{until} (heqi device update). You will be asked for the PIN; without the update the old "
     "certificate is good until its end.\n"},
    {Kind::certificate_updated, "certificate_updated", "title", "", "证书已更新",
     "Your certificate is updated", "您的签名证书和密钥已更新：{title}\n",
     "Your signing certificate and its key are updated: {title}\n"},
    {Kind::update_failed, "update_failed", "title,reason", "", "证书未更新",
     "Your certificate was not updated", "您的签名证书未更新：{title}\n原因：{reason}\n",
     "Your signing certificate was not updated: {title}\nReason: {reason}\n"},
    {Kind::signed_in, "signed_in", "by,until", "", "新的登录", "A new sign-in",
     "您的账户于 {until} 从 {by} 登录。\n如果不是您本人操作，请立即修改密码。\n",
     "Somebody signed in to your account at {until} from {by}.\nIf that was not you, change your "
     "password at once.\n"},
};

const Template& template_of(Kind kind) {
  const auto found = std::find_if(std::begin(kTemplates), std::end(kTemplates),
                                  [&](const Template& entry) { return entry.kind == kind; });
  HEQI_CHECK(found != std::end(kTemplates));
  return *found;
}

bool names(std::string_view list, std::string_view field) {
  const auto parts = base::split(list, ',');
  return std::find(parts.begin(), parts.end(), field) != parts.end();
}

bool is_plain(std::string_view text) {
  return base::is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

std::string until_text(const Notice& notice) {
  return notice.until ? base::to_rfc3339(*notice.until) : std::string();
}

// The zone of the people who are told; a mail does not know where it is read.
constexpr base::Duration kZone = std::chrono::hours(8);

std::string two_digits(int number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

// A minute that has begun is shown as it began: nobody is told a later end than there is.
std::string clock_text(const base::CivilTime& local) {
  return two_digits(local.hour) + ":" + two_digits(local.minute);
}

std::string chinese_time(base::Time time) {
  const base::CivilTime local = base::civil_time(time + kZone);
  return std::to_string(local.year) + "年" + std::to_string(local.month) + "月" +
         std::to_string(local.day) + "日 " + clock_text(local) + "（北京时间）";
}

std::string english_time(base::Time time) {
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const base::CivilTime local = base::civil_time(time + kZone);
  return std::to_string(local.day) + " " +
         std::string(months.at(static_cast<std::size_t>(local.month - 1))) + " " +
         std::to_string(local.year) + ", " + clock_text(local) + " (UTC+8)";
}

using FieldList = std::vector<std::pair<std::string_view, std::string>>;

FieldList fields_of(const Notice& notice) {
  return {{"title", notice.title}, {"by", notice.by},           {"reason", notice.reason},
          {"link", notice.link},   {"code_id", notice.code_id}, {"until", until_text(notice)}};
}

// with_time is fields with the time as people read it.
FieldList with_time(FieldList fields, const Notice& notice, std::string (*text)(base::Time)) {
  for (auto& [name, value] : fields)
    if (name == "until" && notice.until) value = text(*notice.until);
  return fields;
}

// filled replaces each {field} by its value, once: a value is never looked into again.
std::string filled(std::string_view line, const FieldList& fields, bool& complete) {
  std::string out;
  for (;;) {
    const std::size_t open = line.find('{');
    const std::size_t close = line.find('}');
    out.append(line.substr(0, open));
    if (open == std::string_view::npos || close == std::string_view::npos) return out;
    const std::string_view name = line.substr(open + 1, close - open - 1);
    for (const auto& [field, value] : fields) {
      if (field != name) continue;
      out.append(value);
      complete = complete && !value.empty();
    }
    line.remove_prefix(close + 1);
  }
}

std::string filled_lines(std::string_view text, const FieldList& fields) {
  std::string out;
  const auto lines = base::split(text, '\n');
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    bool complete = true;
    const std::string line = filled(lines[i], fields, complete);
    // A line that introduces the next one goes with it.
    if (i + 2 < lines.size() && (lines[i + 1] == "{link}" || lines[i + 1] == "{code}")) {
      bool next_complete = true;
      static_cast<void>(filled(lines[i + 1], fields, next_complete));
      complete = complete && next_complete;
    }
    if (complete) out.append(line).push_back('\n');
  }
  return out;
}

}  // namespace

std::string_view kind_name(Kind kind) {
  return template_of(kind).name;
}

std::optional<Kind> find_kind(std::string_view name) {
  for (const Template& entry : kTemplates)
    if (entry.name == name) return entry.kind;
  return std::nullopt;
}

Status check_notice(const Notice& notice) {
  const Template& entry = template_of(notice.kind);
  const auto bad = [](std::string_view field, std::string_view what) {
    return fail(Code::malformed, "notice: " + std::string(field) + " " + std::string(what));
  };
  if (notice.id.empty() || notice.id.size() > kNoticeIdMax || notice.id.front() == '.' ||
      notice.id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789._-") != std::string::npos)
    return bad("id", "is not of [A-Za-z0-9._-]");
  if (!http::is_mail_address(notice.to_address)) return bad("to_address", "is no e-mail address");
  if (!is_plain(notice.to_name) || notice.to_name.size() > kNoticeTextMax)
    return bad("to_name", "is too long or holds a control character");
  for (const auto& [field, value] : fields_of(notice)) {
    if (value.size() > kNoticeTextMax || !is_plain(value))
      return bad(field, "is too long or holds a control character");
    if (value.empty() && names(entry.fields, field)) return bad(field, "is missing");
    if (!value.empty() && !names(entry.fields, field) && !names(entry.optional, field))
      return bad(field, "does not belong to this kind");
  }
  if (!notice.link.empty() && !notice.link.starts_with("https://") &&
      !notice.link.starts_with("http://"))
    return bad("link", "is not https:// or http://");
  return {};
}

NoticeText render_notice(const Notice& notice, std::string_view code) {
  const Template& entry = template_of(notice.kind);
  FieldList fields = fields_of(notice);
  fields.emplace_back("code", std::string(code));
  bool complete = true;
  NoticeText text;
  text.subject = filled(entry.subject_chinese, fields, complete) + " / " +
                 filled(entry.subject_english, fields, complete);
  text.body = notice.to_name + "，您好：\n\n" +
              filled_lines(entry.chinese, with_time(fields, notice, chinese_time)) +
              "\n----\n\nDear " + notice.to_name + ",\n\n" +
              filled_lines(entry.english, with_time(fields, notice, english_time)) +
              "\n合契 Heqi\n";
  return text;
}

std::string encode_notice(const Notice& notice) {
  base::JsonWriter json;
  json.begin_object()
      .field("id", notice.id)
      .field("kind", kind_name(notice.kind))
      .field("to_name", notice.to_name)
      .field("to_address", notice.to_address)
      .field("title", notice.title)
      .field("by", notice.by)
      .field("reason", notice.reason)
      .field("link", notice.link)
      .field("code_id", notice.code_id);
  if (notice.until) json.field("until", until_text(notice));
  json.end_object();
  return json.str();
}

Result<Notice> decode_notice(base::ByteView text) {
  HEQI_TRY(const http::Json json, http::parse_json(text));
  HEQI_TRY(auto reader, http::JsonReader::open(json));
  constexpr http::TextLimits any{.size_min = 0, .size_max = kNoticeTextMax};
  Notice notice;
  HEQI_TRY(notice.id, reader.required_text("id"));
  HEQI_TRY(const std::string kind, reader.required_text("kind"));
  HEQI_TRY(notice.to_name, reader.required_text("to_name", any));
  HEQI_TRY(notice.to_address, reader.required_text("to_address"));
  HEQI_TRY(notice.title, reader.required_text("title", any));
  HEQI_TRY(notice.by, reader.required_text("by", any));
  HEQI_TRY(notice.reason, reader.required_text("reason", any));
  HEQI_TRY(notice.link, reader.required_text("link", any));
  HEQI_TRY(notice.code_id, reader.required_text("code_id", any));
  HEQI_TRY(notice.until, reader.optional_time("until"));
  HEQI_TRY(reader.finish());
  const auto found = find_kind(kind);
  if (!found) return reader.refuse("kind", "is not known");
  notice.kind = *found;
  HEQI_TRY(check_notice(notice));
  return notice;
}

}  // namespace heqi::services::notify
