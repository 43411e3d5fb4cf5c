// heqi/http/client.h: asks other servers, through libcurl.
#pragma once
#include <memory>
#include <string>

#include <heqi/base/fetch.h>

namespace heqi::http {

// Addresses says where a client may connect to. The check is made on the address that the
// connection really goes to, after name resolution, so that a name cannot be rebound.
enum class Addresses {
  any,
  public_only,  // refuses loopback, private, link-local, multicast, reserved, also IPv4 in IPv6
};

struct ClientOptions {
  std::string trusted_pem = {};  // CA certificates; empty: the system's
  Addresses addresses = Addresses::any;
  bool allows_plain = false;  // http:// beside https://
  base::Duration connect_timeout = std::chrono::seconds(5);
};

// is_public_address tells whether text, a numeric IPv4 or IPv6 address, is of the public Internet.
bool is_public_address(const std::string& text);

// CurlFetch sends requests; redirects are answers and are not followed, proxies are not used.
// Fails with unavailable (connection, name, TLS), untrusted (the peer's certificate), timeout,
// limit_exceeded (the answer), denied (address or scheme not allowed), malformed (the URL).
// Thread-safe: connections are kept per thread of use.
class CurlFetch final : public base::Fetch {
 public:
  explicit CurlFetch(ClientOptions options);
  ~CurlFetch() override;
  CurlFetch(const CurlFetch&) = delete;
  CurlFetch& operator=(const CurlFetch&) = delete;
  base::Result<base::FetchAnswer> fetch(const base::FetchRequest& request) override;

 private:
  struct Pool;
  ClientOptions options_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace heqi::http
