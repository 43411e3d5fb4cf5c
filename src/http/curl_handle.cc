#include "curl_handle.h"

#include <mutex>

namespace heqi::http {

CurlEasy make_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return CurlEasy(curl_easy_init());
}

void set_common_options(CURL* handle, base::Duration timeout) {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<long long>(1, millis)));
}

void trust_pem(CURL* handle, const std::string& pem) {
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (pem.empty()) return;
  curl_blob blob;
  blob.data = const_cast<char*>(pem.data());
  blob.len = pem.size();
  blob.flags = CURL_BLOB_COPY;
  curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, &blob);
  curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
}

base::Error curl_error(CURLcode code, const std::string& what) {
  using base::Code;
  const std::string detail = what + ": " + curl_easy_strerror(code);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return base::fail(Code::timeout, detail);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return base::fail(Code::untrusted, detail);
    case CURLE_URL_MALFORMAT:
      return base::fail(Code::malformed, detail);
    case CURLE_UNSUPPORTED_PROTOCOL:
      return base::fail(Code::denied, detail);
    case CURLE_FILESIZE_EXCEEDED:
      return base::fail(Code::limit_exceeded, detail);
    default:
      return base::fail(Code::unavailable, detail);
  }
}

}  // namespace heqi::http
