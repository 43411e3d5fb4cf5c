// heqi/base/bytes.h: byte strings that hold nothing secret. Secrets live in secret.h.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heqi::base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;

// bytes_of views the octets of text; the view lives as long as text.
inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// text_of views bytes as characters; the view lives as long as bytes.
inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}
inline Bytes to_bytes(std::string_view text) {
  return to_bytes(bytes_of(text));
}

inline void append(Bytes& to, ByteView bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// concat joins the parts in order.
Bytes concat(std::initializer_list<ByteView> parts);

// same_bytes compares public data; its time depends on the content. Secrets: constant_time.h.
bool same_bytes(ByteView a, ByteView b);

}  // namespace heqi::base
