#include "device_connection.h"

#include "inspection.h"

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kPemSizeMax = std::size_t{1} << 20;

Result<base::Duration> patience_of(const Arguments& arguments) {
  const std::string text = arguments.find("--wait").value_or("120");
  std::int64_t seconds = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || text.size() > 5)
      return base::fail(Code::malformed, "--wait: not a number of seconds up to 99999");
    seconds = seconds * 10 + (c - '0');
  }
  return base::Duration(std::chrono::seconds(seconds));
}

}  // namespace

Result<std::unique_ptr<http::CurlFetch>> make_fetch(const Arguments& arguments) {
  http::ClientOptions options;
  if (const auto trust = arguments.find("--trust")) {
    HEQI_TRY(const base::Bytes pem, base::read_file(*trust, kPemSizeMax));
    options.trusted_pem = base::text_of(pem);
  }
  return std::make_unique<http::CurlFetch>(std::move(options));
}

Result<std::unique_ptr<Connection>> connect(const Arguments& arguments) {
  auto out = std::make_unique<Connection>();
  HEQI_TRY(out->device, terminal::TerminalClient::connect(arguments.get("--socket")));
  HEQI_TRY(out->fetch, make_fetch(arguments));
  TerminalOptions options;
  options.server = arguments.get("--server");
  HEQI_TRY(options.patience, patience_of(arguments));
  HEQI_TRY(auto despite, parse_lints(arguments.get("--despite")));
  options.inspect = [despite = std::move(despite)](const device::Display& display,
                                                   base::ByteView data) {
    return check_displayed(display, data, despite);
  };
  out->terminal.emplace(*out->device, *out->fetch, out->clock, std::move(options));
  return out;
}

}  // namespace heqi::program
