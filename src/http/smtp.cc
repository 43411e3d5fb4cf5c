#include <heqi/http/smtp.h>

#include <algorithm>
#include <cstring>

#include "curl_handle.h"

namespace heqi::http {
namespace {

using base::Code;
using base::fail;
using base::Status;

// Unsent is the rest of the message, read by libcurl.
struct Unsent {
  base::ByteView rest;
};

std::size_t give_message(char* to, std::size_t size, std::size_t count, void* user) {
  Unsent& unsent = *static_cast<Unsent*>(user);
  const std::size_t taken = std::min(size * count, unsent.rest.size());
  if (taken != 0) std::memcpy(to, unsent.rest.data(), taken);
  unsent.rest = unsent.rest.subspan(taken);
  return taken;
}

base::Error smtp_error(CURLcode code, long status, const std::string& what) {
  if (code == CURLE_LOGIN_DENIED)
    return fail(Code::denied, what + ": the mail server refused the user");
  if (status >= 500 && status < 600 && code != CURLE_OPERATION_TIMEDOUT)
    return fail(Code::denied, what + ": the mail server refused with " + std::to_string(status));
  if (status >= 400 && status < 500)
    return fail(Code::unavailable,
                what + ": the mail server refused for now with " + std::to_string(status));
  return curl_error(code, what);
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  return text.size() <= 254 && at != 0 && at != std::string_view::npos && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c > 0x20 && c < 0x7f && std::strchr("<>()[],;:\\\"", c) == nullptr;
         });
}

Status send_mail(const SmtpOptions& options, const Envelope& envelope, base::ByteView message) {
  if (!is_mail_address(envelope.from))
    return fail(Code::malformed, "sender: not an e-mail address");
  if (envelope.to.empty()) return fail(Code::malformed, "no recipient");
  CurlList recipients;
  for (const std::string& to : envelope.to) {
    if (!is_mail_address(to)) return fail(Code::malformed, "recipient: not an e-mail address");
    curl_slist* const longer = curl_slist_append(recipients.get(), ("<" + to + ">").c_str());
    if (longer == nullptr) return fail(Code::internal, "libcurl: out of memory");
    (void)recipients.release();
    recipients.reset(longer);
  }
  if (options.host.find_first_of("/@?#\r\n ") != std::string::npos || options.host.empty())
    return fail(Code::malformed, "mail server: not a host name");

  const CurlEasy easy = make_curl();
  if (!easy) return fail(Code::internal, "libcurl: no handle");
  CURL* const handle = easy.get();
  const std::string host = options.host + ":" + std::to_string(options.port);
  const std::string url =
      (options.security == SmtpSecurity::tls ? "smtps://" : "smtp://") + host + "/heqi.invalid";
  const std::string from = "<" + envelope.from + ">";
  Unsent unsent{message};

  set_common_options(handle, options.timeout);
  trust_pem(handle, options.trusted_pem);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(
      handle, CURLOPT_USE_SSL,
      static_cast<long>(options.security == SmtpSecurity::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  curl_easy_setopt(handle, CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, &give_message);
  curl_easy_setopt(handle, CURLOPT_READDATA, &unsent);
  curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
  curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  if (!options.user.empty()) {
    base::SecretBytes password(options.password.size() + 1);
    if (!options.password.empty())
      std::memcpy(password.expose_mutable().data(), options.password.expose().data(),
                  options.password.size());
    curl_easy_setopt(handle, CURLOPT_USERNAME, options.user.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD,
                     reinterpret_cast<const char*>(password.expose().data()));
  }
  const CURLcode code = curl_easy_perform(handle);
  if (code == CURLE_OK) return {};
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return smtp_error(code, status, "mail server " + host);
}

}  // namespace heqi::http
