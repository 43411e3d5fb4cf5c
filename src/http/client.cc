#include <heqi/http/client.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

#include "curl_handle.h"

namespace heqi::http {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::size_t kHandlesKept = 16;
constexpr std::size_t kAnswerHeaderMax = 64 * 1024;

// Transfer is what libcurl's callbacks of one request write to.
struct Transfer {
  base::FetchAnswer answer;
  std::size_t answer_size_max = 0;
  std::size_t header_size = 0;
  bool too_large = false;
  bool address_denied = false;
};

std::size_t take_body(char* data, std::size_t, std::size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  if (count > transfer.answer_size_max - transfer.answer.body.size()) {
    transfer.too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  base::append(transfer.answer.body, base::bytes_of(std::string_view(data, count)));
  return count;
}

std::size_t take_header(char*, std::size_t, std::size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  transfer.header_size += count;
  transfer.too_large = transfer.too_large || transfer.header_size > kAnswerHeaderMax;
  return transfer.too_large ? 0 : count;
}

// open_public_socket is asked for the address that the connection will really use.
curl_socket_t open_public_socket(void* user, curlsocktype, curl_sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  const void* bytes = nullptr;
  if (address->family == AF_INET)
    bytes = &reinterpret_cast<const sockaddr_in*>(&address->addr)->sin_addr;
  else if (address->family == AF_INET6)
    bytes = &reinterpret_cast<const sockaddr_in6*>(&address->addr)->sin6_addr;
  if (bytes == nullptr || inet_ntop(address->family, bytes, text, sizeof text) == nullptr ||
      !is_public_address(text)) {
    static_cast<Transfer*>(user)->address_denied = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

Result<CurlList> header_list(const base::FetchRequest& request) {
  CurlList list;
  // An empty value is written "Name;" for libcurl. Expect costs a round trip for nothing here.
  std::vector<std::string> lines = {"Expect:"};
  for (const auto& [name, value] : request.headers) {
    if (has_line_break(name) || has_line_break(value) || name.empty())
      return fail(Code::malformed, "header field " + std::to_string(lines.size()));
    lines.push_back(value.empty() ? name + ";" : name + ": " + value);
  }
  for (const std::string& line : lines) {
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return fail(Code::internal, "libcurl: out of memory");
    (void)list.release();
    list.reset(longer);
  }
  return list;
}

void set_method(CURL* handle, const base::FetchRequest& request) {
  if (request.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET" || !request.body.empty()) {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(
        handle, CURLOPT_POSTFIELDS,
        request.body.empty() ? "" : reinterpret_cast<const char*>(request.body.data()));
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

// where is the URL without its query: that may hold a secret.
std::string where(const std::string& url) {
  return url.substr(0, url.find_first_of("?#"));
}

struct Range {
  std::uint8_t bytes[16];
  unsigned bits;
};

bool in_range(const std::uint8_t* address, const Range& range) {
  for (unsigned bit = 0; bit < range.bits; ++bit) {
    const std::uint8_t mask = static_cast<std::uint8_t>(0x80u >> (bit % 8));
    if ((address[bit / 8] & mask) != (range.bytes[bit / 8] & mask)) return false;
  }
  return true;
}

// IANA special-purpose registries (RFC 6890 and later), with multicast.
constexpr Range kSpecial4[] = {
    {{0}, 8},
    {{10}, 8},
    {{100, 64}, 10},
    {{127}, 8},
    {{169, 254}, 16},
    {{172, 16}, 12},
    {{192, 0, 0}, 24},
    {{192, 0, 2}, 24},
    {{192, 88, 99}, 24},
    {{192, 168}, 16},
    {{198, 18}, 15},
    {{198, 51, 100}, 24},
    {{203, 0, 113}, 24},
    {{224}, 4},
    {{240}, 4},
};
// Global unicast is 2000::/3; inside it these are special. Transition forms hide an IPv4 address.
constexpr Range kGlobal6 = {{0x20}, 3};
constexpr Range kSpecial6[] = {
    {{0x20, 0x01, 0x00}, 23},        // IETF protocol assignments, with Teredo
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4
    {{0x3f, 0xff, 0x00}, 20},        // documentation
};

}  // namespace

bool is_public_address(const std::string& text) {
  std::uint8_t bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1)
    return std::none_of(std::begin(kSpecial4), std::end(kSpecial4),
                        [&](const Range& range) { return in_range(bytes, range); });
  if (inet_pton(AF_INET6, text.c_str(), bytes) != 1) return false;
  return in_range(bytes, kGlobal6) &&
         std::none_of(std::begin(kSpecial6), std::end(kSpecial6),
                      [&](const Range& range) { return in_range(bytes, range); });
}

// Pool keeps handles, and with them their connections, for the next request.
struct CurlFetch::Pool {
  std::mutex mutex;
  std::vector<CurlEasy> free;

  CurlEasy take() {
    {
      const std::lock_guard lock(mutex);
      if (!free.empty()) {
        CurlEasy handle = std::move(free.back());
        free.pop_back();
        return handle;
      }
    }
    return make_curl();
  }
  void give_back(CurlEasy handle) {
    curl_easy_reset(handle.get());
    const std::lock_guard lock(mutex);
    if (free.size() < kHandlesKept) free.push_back(std::move(handle));
  }
};

CurlFetch::CurlFetch(ClientOptions options)
    : options_(std::move(options)), pool_(std::make_unique<Pool>()) {}
CurlFetch::~CurlFetch() = default;

Result<base::FetchAnswer> CurlFetch::fetch(const base::FetchRequest& request) {
  if (has_line_break(request.url)) return fail(Code::malformed, "URL: control character");
  HEQI_TRY(const CurlList headers, header_list(request));
  CurlEasy easy = pool_->take();
  if (!easy) return fail(Code::internal, "libcurl: no handle");
  CURL* const handle = easy.get();
  Transfer transfer;
  transfer.answer_size_max = request.answer_size_max;

  set_common_options(handle, request.timeout);
  trust_pem(handle, options_.trusted_pem);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, options_.allows_plain ? "https,http" : "https");
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(
      handle, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(
          std::chrono::duration_cast<std::chrono::milliseconds>(options_.connect_timeout).count()));
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
  if (options_.addresses == Addresses::public_only) {
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &open_public_socket);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &transfer);
  }
  set_method(handle, request);

  const CURLcode code = curl_easy_perform(handle);
  long status = 0;
  const char* type = nullptr;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &type);
  if (type != nullptr) transfer.answer.content_type = type;
  transfer.answer.status = static_cast<int>(status);
  pool_->give_back(std::move(easy));

  if (transfer.address_denied)
    return fail(Code::denied, where(request.url) + ": not a public address");
  if (transfer.too_large)
    return fail(Code::limit_exceeded, where(request.url) + ": the answer is too large");
  if (code != CURLE_OK) return curl_error(code, where(request.url));
  return std::move(transfer.answer);
}

}  // namespace heqi::http
