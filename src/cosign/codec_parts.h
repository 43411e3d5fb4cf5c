// codec_parts.h: what the messages of all exchanges are read and written with. Points are 65 octets
// 04||X||Y, scalars 32 octets; each is checked where it is read.
#pragma once
#include <algorithm>
#include <string>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/crypto/proofs.h>

namespace heqi::cosign::codec {

using asn1::Reader;
using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

inline constexpr std::int64_t kVersion = 1;
inline constexpr std::size_t kMessageSizeMax = std::size_t{1} << 20;

inline void write_point(Writer& out, const crypto::Point& point) {
  out.octet_string(point.encode());
}
inline void write_scalar(Writer& out, const crypto::Scalar& scalar) {
  out.octet_string(scalar.encode());
}
inline void write_proof(Writer& out, const crypto::SchnorrProof& proof) {
  out.sequence([&](Writer& w) {
    write_point(w, proof.commitment);
    write_scalar(w, proof.response);
  });
}

inline base::Error at(const Reader& in, Code code, const std::string& what) {
  return base::fail(code, what + " before offset " + std::to_string(in.offset()));
}

template <std::size_t N>
Result<std::array<std::uint8_t, N>> read_octets(Reader& in) {
  HEQI_TRY(const ByteView octets, in.octet_string());
  std::array<std::uint8_t, N> out{};
  if (octets.size() != N) return at(in, Code::malformed, "not " + std::to_string(N) + " octets");
  std::copy(octets.begin(), octets.end(), out.begin());
  return out;
}

// One form of a point only, so that a message has one encoding.
inline Result<crypto::Point> read_point(Reader& in) {
  HEQI_TRY(const crypto::PointBytes octets, read_octets<crypto::kPointSize>(in));
  auto point = crypto::Point::decode(octets);
  if (!point) return at(in, point.error().code, "a point that is not on the curve");
  return point;
}

inline Result<crypto::Scalar> read_scalar(Reader& in) {
  HEQI_TRY(const crypto::ScalarBytes octets, read_octets<crypto::kScalarSize>(in));
  auto scalar = crypto::Scalar::decode(octets);
  if (!scalar) return at(in, scalar.error().code, "a scalar outside 1…n−1");
  return scalar;
}

inline Result<crypto::SchnorrProof> read_proof(Reader& in) {
  HEQI_TRY(Reader inner, in.sequence());
  crypto::SchnorrProof proof;
  HEQI_TRY(proof.commitment, read_point(inner));
  HEQI_TRY(proof.response, read_scalar(inner));
  HEQI_TRY(inner.finish());
  return proof;
}

inline Result<std::uint64_t> read_counter(Reader& in) {
  HEQI_TRY(const std::int64_t value, in.small_integer());
  if (value < 0) return at(in, Code::malformed, "a negative counter");
  return static_cast<std::uint64_t>(value);
}

// open_message opens the outer SEQUENCE.
inline Result<Reader> open_message(ByteView der) {
  if (der.size() > kMessageSizeMax)
    return base::fail(Code::limit_exceeded, "message of more than 1 MiB");
  HEQI_TRY(Reader outer, Reader::over(der));
  HEQI_TRY(Reader inner, outer.sequence());
  HEQI_TRY(outer.finish());
  return inner;
}

// read_message opens a message and reads its version.
inline Result<Reader> read_message(ByteView der) {
  HEQI_TRY(Reader inner, open_message(der));
  HEQI_TRY(const std::int64_t version, inner.small_integer());
  if (version != kVersion)
    return at(inner, Code::unsupported, "message version " + std::to_string(version));
  return inner;
}

template <class Function>
Bytes message(Function content, std::int64_t version = kVersion) {
  Writer out;
  out.sequence([&](Writer& w) {
    w.integer(version);
    content(w);
  });
  return out.take();
}

}  // namespace heqi::cosign::codec
