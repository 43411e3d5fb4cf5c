#include "key_process.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/base/file_store.h>
#include <heqi/base/hardening.h>
#include <heqi/base/text.h>
#include <heqi/ossl/pkcs12.h>
#include <heqi/ossl/signer.h>

#include "confined_run.h"
#include "process.h"
#include "software_key.h"

namespace heqi::program {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;
using base::SecretBytes;
using base::Status;

namespace {

constexpr std::size_t kAnswerSizeMax = std::size_t{4} << 20;
constexpr std::size_t kLengthSize = 8;

// A frame is its length, big-endian, and its octets.
std::array<std::uint8_t, kLengthSize> length_of(ByteView content) {
  std::array<std::uint8_t, kLengthSize> length{};
  for (std::size_t i = 0; i < kLengthSize; ++i)
    length[i] = static_cast<std::uint8_t>(content.size() >> (8 * (kLengthSize - 1 - i)));
  return length;
}

// send_all gives an error, and no signal, where nobody reads any more.
Status send_all(int socket, ByteView content) {
  while (!content.empty()) {
    const ssize_t sent = ::send(socket, content.data(), content.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return fail(Code::unavailable, "the key's process has ended");
    content = content.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

Status receive_all(int socket, std::span<std::uint8_t> into) {
  while (!into.empty()) {
    const ssize_t got = ::read(socket, into.data(), into.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(Code::unavailable, "the key's process has ended");
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<Bytes> receive_frame(int socket, std::size_t size_max) {
  std::uint8_t length[kLengthSize];
  HEQI_TRY(receive_all(socket, length));
  std::uint64_t size = 0;
  for (const std::uint8_t octet : length) size = size << 8 | octet;
  if (size > size_max) return fail(Code::limit_exceeded, "a message to sign");
  Bytes content(static_cast<std::size_t>(size));
  HEQI_TRY(receive_all(socket, content));
  return content;
}

struct Wish {
  bool makes = false;
  std::string path;
  SecretBytes password;
};

SecretBytes encode_wish(const Wish& wish) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.boolean(wish.makes).utf8_string(wish.path).octet_string(wish.password.expose());
  });
  WipedOctets der{out.take()};
  return SecretBytes::copy_of(der.octets);
}

Result<Wish> parse_wish(ByteView der) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader in, outer.sequence());
  Wish wish;
  HEQI_TRY(wish.makes, in.boolean());
  HEQI_TRY(wish.path, in.utf8_string());
  HEQI_TRY(const ByteView password, in.octet_string());
  wish.password = SecretBytes::copy_of(password);
  HEQI_TRY(in.finish());
  HEQI_TRY(outer.finish());
  return wish;
}

// An answer is an error's id with its detail, or an empty id and what was asked for.
Bytes encode_error(const base::Error& error) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.utf8_string(base::error_text(error.code).id).utf8_string(error.detail);
  });
  return out.take();
}

Bytes encode_answer(const asn1::Writer::Inner& content) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.utf8_string("").utf8_string("");
    content(w);
  });
  return out.take();
}

// read_answer gives what follows the empty id.
Result<asn1::Reader> read_answer(asn1::Reader& outer) {
  HEQI_TRY(asn1::Reader in, outer.sequence());
  HEQI_TRY(const std::string id, in.utf8_string());
  HEQI_TRY(const std::string detail, in.utf8_string());
  if (!id.empty()) return fail(base::find_error(id).value_or(Code::internal), detail);
  return in;
}

Bytes encode_key(const KeyOfFile& key) {
  return encode_answer([&](asn1::Writer& w) {
    w.octet_string(key.public_key.der);
    x509::write_algorithm(w, key.signer->algorithm());
    w.sequence([&](asn1::Writer& list) {
      for (const x509::Certificate& one : key.certificates) list.octet_string(one.der());
    });
  });
}

// KeyProcess is the child; one message at a time.
class KeyProcess final : public x509::Signer {
 public:
  static Result<std::unique_ptr<KeyProcess>> start() {
    HEQI_TRY(const std::string program, find_program("heqi"));
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      return fail(Code::unavailable, "socketpair");
    const char* const arguments[] = {program.c_str(), "worker", "key", nullptr};
    const pid_t id = ::fork();
    if (id == 0) {
      ::dup2(ends[1], STDIN_FILENO);
      ::dup2(ends[1], STDOUT_FILENO);
      ::execv(program.c_str(), const_cast<char* const*>(arguments));
      ::_exit(127);
    }
    ::close(ends[1]);
    if (id < 0) {
      ::close(ends[0]);
      return fail(Code::unavailable, "fork");
    }
    return std::unique_ptr<KeyProcess>(new KeyProcess(id, ends[0]));
  }
  KeyProcess(const KeyProcess&) = delete;
  KeyProcess& operator=(const KeyProcess&) = delete;
  ~KeyProcess() override {
    ::close(socket_);
    while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  // open gives what is seen of the key, but for the signer.
  Result<KeyOfFile> open(const Wish& wish) {
    HEQI_TRY(const Bytes answer, ask(encode_wish(wish).expose()));
    HEQI_TRY(asn1::Reader outer, asn1::Reader::over(answer));
    HEQI_TRY(asn1::Reader in, read_answer(outer));
    KeyOfFile out;
    HEQI_TRY(const ByteView info, in.octet_string());
    HEQI_TRY(out.public_key, x509::parse_public_key_info(info));
    HEQI_TRY(algorithm_, x509::parse_algorithm(in));
    HEQI_TRY(asn1::Reader list, in.sequence());
    while (!list.at_end()) {
      HEQI_TRY(const ByteView der, list.octet_string());
      HEQI_TRY(x509::Certificate one, x509::parse_certificate(der));
      out.certificates.push_back(std::move(one));
    }
    return out;
  }

  x509::AlgorithmIdentifier algorithm() const override { return algorithm_; }
  Result<Bytes> sign(ByteView message) override {
    HEQI_TRY(const Bytes answer, ask(message));
    HEQI_TRY(asn1::Reader outer, asn1::Reader::over(answer));
    HEQI_TRY(asn1::Reader in, read_answer(outer));
    HEQI_TRY(const ByteView value, in.octet_string());
    return base::to_bytes(value);
  }

 private:
  KeyProcess(pid_t id, int socket) : id_(id), socket_(socket) {}
  Result<Bytes> ask(ByteView message) {
    const std::lock_guard turn(turn_);
    HEQI_TRY(send_all(socket_, length_of(message)));
    HEQI_TRY(send_all(socket_, message));
    return receive_frame(socket_, kAnswerSizeMax);
  }

  pid_t id_;
  int socket_;
  std::mutex turn_;
  x509::AlgorithmIdentifier algorithm_;
};

Result<KeyOfFile> start_with(const Wish& wish) {
  HEQI_TRY(std::unique_ptr<KeyProcess> process, KeyProcess::start());
  HEQI_TRY(KeyOfFile key, process->open(wish));
  key.signer = std::move(process);
  return key;
}

KeyOfFile signer_of(crypto::PrivateKey key, base::Random& random) {
  KeyOfFile out;
  out.public_key = x509::make_public_key_info(key.public_key());
  out.signer = std::make_unique<x509::SoftwareSm2Signer>(std::move(key), random);
  return out;
}

// parse_key takes an SM2 key by own code and every other, which is in PEM, by OpenSSL.
Result<KeyOfFile> parse_key(ByteView file, base::Random& random) {
  auto sm2 = parse_software_key(file);
  if (sm2) return signer_of(*std::move(sm2), random);
  if (!file.empty() && file[0] == 0x30) return sm2.error();
  auto pair = ossl::parse_private_key_pem(file);
  if (!pair) return sm2.error().code == Code::unsupported ? sm2.error() : pair.error();
  KeyOfFile out;
  out.signer = std::move(pair->signer);
  out.public_key = std::move(pair->public_key);
  return out;
}

Result<KeyOfFile> make_key_file(const std::string& path, base::Random& random) {
  HEQI_TRY(crypto::PrivateKey key, crypto::PrivateKey::generate(random));
  HEQI_TRY(write_software_key(path, key));
  return signer_of(std::move(key), random);
}

Status answer(ByteView content) {
  HEQI_TRY(write_all(STDOUT_FILENO, length_of(content)));
  return write_all(STDOUT_FILENO, content);
}

// serve answers until the other end is closed.
Status serve() {
  base::NullLog log;
  HEQI_TRY(base::harden_process(log));
  HEQI_TRY(const auto randomness, make_randomness());
  WipedOctets asked;
  HEQI_TRY(asked.octets, receive_frame(STDIN_FILENO, kKeyFileSizeMax));
  HEQI_TRY(const Wish wish, parse_wish(asked.octets));
  auto key = wish.makes ? make_key_file(wish.path, *randomness->generator)
                        : open_key_here(wish.path, wish.password, *randomness->generator);
  if (!key) return answer(encode_error(key.error()));
  HEQI_TRY(answer(encode_key(*key)));
  HEQI_TRY(close_all());  // from here on it signs, and that is all it can do
  for (;;) {
    HEQI_TRY(const Bytes message, receive_frame(STDIN_FILENO, kSignedMessageSizeMax));
    const auto value = key->signer->sign(message);
    HEQI_TRY(answer(value ? encode_answer([&](asn1::Writer& w) { w.octet_string(*value); })
                          : encode_error(value.error())));
  }
}

}  // namespace

bool is_pkcs12(const std::string& path) {
  return path.ends_with(".p12") || path.ends_with(".pfx") || path.ends_with(".P12") ||
         path.ends_with(".PFX");
}

Result<KeyOfFile> open_key_elsewhere(const std::string& path, const SecretBytes& password) {
  return start_with({false, path, password.clone()});
}

Result<KeyOfFile> make_key_elsewhere(const std::string& path) {
  return start_with({true, path, {}});
}

Result<KeyOfFile> open_key_here(const std::string& path, const SecretBytes& password,
                                base::Random& random) {
  if (is_pkcs12(path)) {
    HEQI_TRY(const Bytes der, base::read_file(path, ossl::kPkcs12SizeMax));
    HEQI_TRY(ossl::KeyWithCertificates in, ossl::parse_pkcs12(der, password));
    HEQI_TRY(KeyOfFile key, parse_key(in.key_pem.expose(), random));
    key.certificates.push_back(std::move(in.certificate));
    for (x509::Certificate& one : in.others) key.certificates.push_back(std::move(one));
    return key;
  }
  WipedOctets file;
  HEQI_TRY(file.octets, base::read_file(path, kKeyFileSizeMax));
  return parse_key(file.octets, random);
}

int serve_key() {
  static_cast<void>(serve());  // whoever asked reads the answers; there is nobody else to tell
  ::_exit(0);                  // what runs at an exit is closed already
}

}  // namespace heqi::program
