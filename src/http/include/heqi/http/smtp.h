// heqi/http/smtp.h: hands a finished message to a mail server (RFC 5321), through libcurl.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/base/result.h>
#include <heqi/base/secret.h>

namespace heqi::http {

enum class SmtpSecurity {
  none,      // plain: only to a mail server on this host
  starttls,  // STARTTLS or nothing
  tls,       // TLS from the first byte (smtps)
};

struct SmtpOptions {
  std::string host = {};
  std::uint16_t port = 25;
  SmtpSecurity security = SmtpSecurity::starttls;
  std::string trusted_pem = {};  // CA certificates; empty: the system's
  std::string user = {};         // empty: no authentication
  base::SecretBytes password = {};
  base::Duration timeout = std::chrono::seconds(30);
};

struct Envelope {
  std::string from;  // bare addresses: "notice@example.cn"
  std::vector<std::string> to;
};

// is_mail_address takes plain ASCII addresses (RFC 5321 Mailbox without quoting), up to 254 octets:
// nothing that could end a command or a header field, or name a second recipient.
bool is_mail_address(std::string_view text);

// send_mail sends message (RFC 5322, CRLF lines) to everyone in envelope, or to no one. Fails with
// malformed (an address), unavailable (no answer, or a temporary refusal), denied (a permanent
// refusal), untrusted (TLS), timeout.
base::Status send_mail(const SmtpOptions& options, const Envelope& envelope,
                       base::ByteView message);

}  // namespace heqi::http
