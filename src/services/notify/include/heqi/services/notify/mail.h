// heqi/services/notify/mail.h: mail messages: RFC 5322 with MIME (RFC 2045, 2047), UTF-8.
#pragma once
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::services::notify {

struct Mail {
  std::string from_name, from_address;
  std::string to_name, to_address;
  std::string subject;
  std::string body;        // LF lines
  std::string message_id;  // without <>: "id@domain"
  std::string label;       // of the field Heqi-Notice: the kind
  base::Time date;
};

// encode_mail writes one text/plain message: CRLF, lines of at most 76 characters, ASCII only
// (quoted-printable). The same Mail gives the same bytes. Fails with malformed where a name or
// address holds a control character, or an address is none.
base::Result<base::Bytes> encode_mail(const Mail& mail);

// parse_mail reads what encode_mail wrote (not any mail): for tests and for the demo's persons.
base::Result<Mail> parse_mail(base::ByteView message);

}  // namespace heqi::services::notify
