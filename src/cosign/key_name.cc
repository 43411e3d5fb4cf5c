#include <heqi/base/constant_time.h>
#include <heqi/base/text.h>
#include <heqi/cosign/key_name.h>

namespace heqi::cosign {
namespace {

base::Status check_id(std::string_view what, const std::string& id) {
  if (id.empty() || id.size() > kIdSizeMax || !base::is_utf8(id))
    return base::fail(base::Code::malformed, std::string(what) + " is not 1 to 64 octets of UTF-8");
  return {};
}

}  // namespace

base::Status check_key_name(const KeyName& name) {
  HEQI_TRY(check_id("AppID", name.app_id));
  return check_id("PlatformID", name.platform_id);
}

Transcript& Transcript::bytes(base::ByteView value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out_.push_back(static_cast<std::uint8_t>(value.size() >> shift));
  base::append(out_, value);
  return *this;
}

Transcript& Transcript::number(std::uint64_t value) {
  std::array<std::uint8_t, 8> octets{};
  for (std::size_t i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return bytes(octets);
}

Transcript& Transcript::point(const crypto::Point& value) {
  // What stands in a transcript is published, or about to be; only its affine form is.
  const crypto::PointBytes octets = value.encode();
  base::ct::declassify(octets);
  return bytes(octets);
}

Transcript& Transcript::key(const KeyName& name) {
  return text(name.app_id).text(name.platform_id).bytes(name.key_id).number(name.epoch);
}

}  // namespace heqi::cosign
