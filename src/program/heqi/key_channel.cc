#include "key_channel.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/ossl/tls_material.h>

namespace heqi::program {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;
using base::SecretBytes;
using base::Status;

namespace {

// Most answers come in one piece of this size.
constexpr std::size_t kPiece = 4'096;

// no_answer says why a socket gave or took nothing.
base::Error no_answer(ssize_t moved) {
  if (moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return fail(Code::timeout, "the process that holds the keys does not answer");
  return fail(Code::unavailable, "the process that holds the keys has ended; start again");
}

Status receive_all(int socket, std::span<std::uint8_t> into) {
  while (!into.empty()) {
    const ssize_t got = ::read(socket, into.data(), into.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return no_answer(got);
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

// advance leaves out what is sent already.
void advance(std::span<iovec>& parts, std::size_t sent) {
  while (!parts.empty() && sent >= parts.front().iov_len) {
    sent -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (parts.empty()) return;
  parts.front().iov_base = static_cast<std::uint8_t*>(parts.front().iov_base) + sent;
  parts.front().iov_len -= sent;
}

iovec part_of(ByteView octets) {
  return {const_cast<std::uint8_t*>(octets.data()), octets.size()};
}

Result<SeenKey> parse_seen_key(asn1::Reader& list) {
  HEQI_TRY(asn1::Reader in, list.sequence());
  SeenKey key;
  HEQI_TRY(const ByteView info, in.octet_string());
  HEQI_TRY(key.public_key, x509::parse_public_key_info(info));
  HEQI_TRY(key.algorithm, x509::parse_algorithm(in));
  HEQI_TRY(asn1::Reader certificates, in.sequence());
  while (!certificates.at_end()) {
    HEQI_TRY(const ByteView der, certificates.octet_string());
    HEQI_TRY(x509::Certificate one, x509::parse_certificate(der));
    key.certificates.push_back(std::move(one));
  }
  HEQI_TRY(in.finish());
  return key;
}

Result<KeyWish> parse_wish_fields(asn1::Reader& in) {
  KeyWish wish;
  HEQI_TRY(const std::int64_t source, in.small_integer());
  if (source < 0 || source > static_cast<int>(KeyWish::Source::tls_folder))
    return fail(Code::malformed, "where keys come from");
  wish.source = static_cast<KeyWish::Source>(source);
  HEQI_TRY(wish.path, in.utf8_string());
  HEQI_TRY(const ByteView secret, in.octet_string());
  wish.secret = SecretBytes::copy_of(secret);
  HEQI_TRY(const std::int64_t connections, in.small_integer());
  if (connections < 1 || connections > kKeyConnectionsMax)
    return fail(Code::malformed, "how many connections");
  wish.connections = static_cast<int>(connections);
  HEQI_TRY(asn1::Reader names, in.sequence());
  while (!names.at_end()) {
    HEQI_TRY(std::string name, names.utf8_string());
    wish.names.push_back(std::move(name));
  }
  const bool of_server = wish.source == KeyWish::Source::tls_folder;
  if (wish.names.size() > (of_server ? ossl::kTlsNamesMax : kKeysHeldMax))
    return fail(Code::limit_exceeded, of_server ? "names of one server" : "keys of one process");
  HEQI_TRY(const std::int64_t kind, in.small_integer());
  if (kind > static_cast<int>(ossl::KeyKind::rsa4096)) return fail(Code::malformed, "a key's kind");
  if (kind >= 0) wish.kind = static_cast<ossl::KeyKind>(kind);
  return wish;
}

}  // namespace

SecretBytes encode_wish(const KeyWish& wish) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.integer(static_cast<int>(wish.source))
        .utf8_string(wish.path)
        .octet_string(wish.secret.expose())
        .integer(wish.connections);
    w.sequence([&](asn1::Writer& names) {
      for (const std::string& name : wish.names) names.utf8_string(name);
    });
    w.integer(wish.kind ? static_cast<int>(*wish.kind) : -1);
  });
  Bytes der = out.take();
  SecretBytes secret = SecretBytes::copy_of(der);
  base::secure_wipe(der.data(), der.size());
  return secret;
}

Result<KeyWish> parse_wish(ByteView der) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader in, outer.sequence());
  HEQI_TRY(KeyWish wish, parse_wish_fields(in));
  HEQI_TRY(in.finish());
  HEQI_TRY(outer.finish());
  return wish;
}

Bytes encode_seen_keys(const std::vector<SeenKey>& keys) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& list) {
    for (const SeenKey& key : keys)
      list.sequence([&](asn1::Writer& w) {
        w.octet_string(key.public_key.der);
        x509::write_algorithm(w, key.algorithm);
        w.sequence([&](asn1::Writer& certificates) {
          for (const x509::Certificate& one : key.certificates)
            certificates.octet_string(one.der());
        });
      });
  });
  return out.take();
}

Result<std::vector<SeenKey>> parse_seen_keys(ByteView der) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader list, outer.sequence());
  std::vector<SeenKey> keys;
  while (!list.at_end()) {
    HEQI_TRY(SeenKey key, parse_seen_key(list));
    keys.push_back(std::move(key));
  }
  HEQI_TRY(outer.finish());
  return keys;
}

Bytes encode_key_answer(const Result<Bytes>& answer) {
  Bytes out{answer ? std::uint8_t{0} : std::uint8_t{1}};
  if (answer) {
    out.insert(out.end(), answer->begin(), answer->end());
    return out;
  }
  asn1::Writer error;
  error.sequence([&](asn1::Writer& w) {
    w.utf8_string(base::error_text(answer.error().code).id).utf8_string(answer.error().detail);
  });
  const Bytes der = error.take();
  out.insert(out.end(), der.begin(), der.end());
  return out;
}

Result<Bytes> parse_key_answer(ByteView content) {
  if (content.empty() || content[0] > 1) return fail(Code::malformed, "an answer about a key");
  if (content[0] == 0) return base::to_bytes(content.subspan(1));
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(content.subspan(1)));
  HEQI_TRY(asn1::Reader in, outer.sequence());
  HEQI_TRY(const std::string id, in.utf8_string());
  HEQI_TRY(const std::string detail, in.utf8_string());
  return fail(base::find_error(id).value_or(Code::internal), detail);
}

std::uint64_t frame_length(ByteView head) {
  std::uint64_t size = 0;
  for (const std::uint8_t octet : head.first(kFrameLengthSize)) size = size << 8 | octet;
  return size;
}

Status send_frame(int socket, ByteView head, ByteView content) {
  std::array<std::uint8_t, kFrameLengthSize> length{};
  const std::uint64_t size = head.size() + content.size();
  for (std::size_t i = 0; i < kFrameLengthSize; ++i)
    length[i] = static_cast<std::uint8_t>(size >> (8 * (kFrameLengthSize - 1 - i)));
  iovec all[] = {part_of(length), part_of(head), part_of(content)};
  for (std::span<iovec> parts(all); !parts.empty();) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return no_answer(sent);
    advance(parts, static_cast<std::size_t>(sent));
  }
  return {};
}

Result<Bytes> receive_frame(int socket, std::size_t size_max) {
  std::array<std::uint8_t, kPiece> piece;
  std::size_t got = 0;
  while (got < kFrameLengthSize) {
    const ssize_t more = ::read(socket, piece.data() + got, piece.size() - got);
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) return no_answer(more);
    got += static_cast<std::size_t>(more);
  }
  const std::uint64_t size = frame_length(piece);
  if (size > size_max) return fail(Code::limit_exceeded, "a message to a key, or its answer");
  const std::size_t here = got - kFrameLengthSize;
  if (here > size) return fail(Code::malformed, "more than one answer");
  Bytes content(static_cast<std::size_t>(size));
  std::copy_n(piece.begin() + kFrameLengthSize, here, content.begin());
  base::secure_wipe(piece.data(), got);
  HEQI_TRY(receive_all(socket, std::span(content).subspan(here)));
  return content;
}

}  // namespace heqi::program
