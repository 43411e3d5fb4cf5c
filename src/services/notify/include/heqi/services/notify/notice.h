// heqi/services/notify/notice.h: what people are told, in Chinese and English.
#pragma once
#include <optional>
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::services::notify {

inline constexpr std::size_t kNoticeTextMax = 300;  // octets of each field of a notice
inline constexpr std::size_t kNoticeIdMax = 100;

enum class Kind {
  invitation,           // title, by, link, until: please sign
  reminder,             // title, by, link, until: please sign, told again
  authorisation_code,   // code_id, until: the code for enrolling a device
  one_time_code,        // code_id, title, until: the code for opening a link
  code_void,            // reason: too many wrong tries
  completed,            // title, link
  declined,             // title, by, reason
  expired,              // title
  withdrawn,            // title, by, reason
  signing_failed,       // title, reason
  key_locked,           // reason
  certificate_issued,   // title: the certificate's subject
  certificate_failed,   // reason
  revocation_asked,     // title: the certificate's subject, by, until: agree or decline
  certificate_revoked,  // title
  certificate_kept,     // title, reason: a revocation that did not come about
  update_asked,         // title, until: agree or decline
  certificate_updated,  // title
  update_failed,        // title, reason: the old certificate stays
  mail_test,            // by, who asked for it: mail arrives
  signed_in,            // until stands for the time of the sign-in; by: the address
};

// kind_name is the stable name: "invitation", "authorisation_code" …; find_kind its inverse.
std::string_view kind_name(Kind kind);
std::optional<Kind> find_kind(std::string_view name);

// Notice is one message to one person. There is no field for a PIN or a key; an authorisation code
// is named by its id, and its text is asked for only when the mail is written.
struct Notice {
  std::string id;  // unique for ever, of [A-Za-z0-9._-]: the same id is one mail
  Kind kind = Kind::completed;
  std::string to_name;
  std::string to_address;  // e-mail
  std::string title = {};
  std::string by = {};
  std::string reason = {};
  std::string link = {};  // https://… or http://…
  std::string code_id = {};
  std::optional<base::Time> until = std::nullopt;
};

// check_notice fails with malformed where a field is too long, holds a control character, or does
// not belong to the kind, or where one that belongs to it is missing.
base::Status check_notice(const Notice& notice);

// NoticeText is the finished text.
struct NoticeText {
  std::string subject;
  std::string body;  // LF lines, Chinese first
};
// render_notice fills the kind's template; code is the text of code_id, empty for other kinds.
NoticeText render_notice(const Notice& notice, std::string_view code);

// encode_notice and decode_notice are the form in the outbox.
std::string encode_notice(const Notice& notice);
base::Result<Notice> decode_notice(base::ByteView json);

}  // namespace heqi::services::notify
