// der.h: small pieces that all messages of the device are read and written with.
#pragma once
#include <algorithm>
#include <array>
#include <string>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/base/text.h>

namespace heqi::device::der {

inline constexpr std::int64_t kVersion = 1;

inline base::Error at(const asn1::Reader& in, base::Code code, const std::string& what) {
  return base::fail(code, what + " before offset " + std::to_string(in.offset()));
}

template <std::size_t N>
base::Result<std::array<std::uint8_t, N>> read_array(asn1::Reader& in) {
  HEQI_TRY(const base::ByteView octets, in.octet_string());
  if (octets.size() != N)
    return at(in, base::Code::malformed, "not " + std::to_string(N) + " octets");
  std::array<std::uint8_t, N> out{};
  std::copy(octets.begin(), octets.end(), out.begin());
  return out;
}

// read_bytes reads an OCTET STRING of at most size_max octets.
inline base::Result<base::Bytes> read_bytes(asn1::Reader& in, std::size_t size_max) {
  HEQI_TRY(const base::ByteView octets, in.octet_string());
  if (octets.size() > size_max)
    return at(in, base::Code::limit_exceeded, "more than " + std::to_string(size_max) + " octets");
  return base::to_bytes(octets);
}

// read_text reads a UTF8String of at most size_max octets without control characters: what a person
// may be shown.
inline base::Result<std::string> read_text(asn1::Reader& in, std::size_t size_max) {
  HEQI_TRY(std::string text, in.utf8_string());
  if (text.size() > size_max)
    return at(in, base::Code::limit_exceeded, "more than " + std::to_string(size_max) + " octets");
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      return at(in, base::Code::malformed, "a control character in a text");
  return text;
}

inline base::Result<std::uint64_t> read_number(asn1::Reader& in, std::uint64_t max) {
  HEQI_TRY(const std::int64_t value, in.small_integer());
  if (value < 0 || static_cast<std::uint64_t>(value) > max)
    return at(in, base::Code::malformed, "a number out of range");
  return static_cast<std::uint64_t>(value);
}
inline constexpr std::uint64_t kCounterMax = 0x7FFFFFFFFFFFFFFF;

inline base::Result<base::Time> read_time(asn1::Reader& in) {
  HEQI_TRY(const std::int64_t value, in.small_integer());
  if (value < 0 || value > 253'402'300'799'000'000)  // the year 9999
    return at(in, base::Code::malformed, "a time out of range");
  return base::time_from_micros(value);
}

inline void write_optional_time(asn1::Writer& out, unsigned number,
                                const std::optional<base::Time>& time) {
  if (time)
    out.explicit_tag(number, [&](asn1::Writer& inner) { inner.integer(base::micros(*time)); });
}
inline base::Result<std::optional<base::Time>> read_optional_time(asn1::Reader& in,
                                                                  unsigned number) {
  HEQI_TRY(std::optional<asn1::Reader> inner, in.explicit_tag(number));
  if (!inner) return std::optional<base::Time>{};
  HEQI_TRY(const base::Time time, read_time(*inner));
  HEQI_TRY(inner->finish());
  return std::optional<base::Time>(time);
}

inline void write_optional_count(asn1::Writer& out, unsigned number,
                                 const std::optional<unsigned>& count) {
  if (count) out.explicit_tag(number, [&](asn1::Writer& inner) { inner.integer(*count); });
}
inline constexpr std::uint64_t kCountMax = 100;
inline base::Result<std::optional<unsigned>> read_optional_count(asn1::Reader& in,
                                                                 unsigned number) {
  HEQI_TRY(std::optional<asn1::Reader> inner, in.explicit_tag(number));
  if (!inner) return std::optional<unsigned>{};
  HEQI_TRY(const std::uint64_t count, read_number(*inner, kCountMax));
  HEQI_TRY(inner->finish());
  return std::optional<unsigned>(static_cast<unsigned>(count));
}

// read_message opens a message: SEQUENCE { version, … } and nothing after it.
inline base::Result<asn1::Reader> read_message(base::ByteView der, std::size_t size_max) {
  if (der.size() > size_max)
    return base::fail(base::Code::limit_exceeded,
                      "message of more than " + std::to_string(size_max) + " octets");
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader inner, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const std::int64_t version, inner.small_integer());
  if (version != kVersion)
    return at(inner, base::Code::unsupported, "message version " + std::to_string(version));
  return inner;
}

template <class Content>
base::Bytes message(Content content) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.integer(kVersion);
    content(w);
  });
  return out.take();
}

}  // namespace heqi::device::der
