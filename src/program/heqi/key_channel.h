// key_channel.h: what whoever signs and the process of the keys (key_process.h) say to each other,
// over sockets: one request after the other on each, one answer to each.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/secret.h>
#include <heqi/ossl/signer.h>
#include <heqi/x509/certificate.h>

namespace heqi::program {

inline constexpr std::size_t kSignedMessageSizeMax = std::size_t{1} << 30;  // docs/limits.md
inline constexpr int kKeyConnectionsMax = 16;
inline constexpr std::size_t kKeysHeldMax = 16;

// KeyWish is the first thing that is said: which keys are to be held.
struct KeyWish {
  // new_file and new_folder make what is not there; a folder is that of an authority (SealedKeys).
  // tls_file is the key of TLS connections in a file, tls_folder one that is certified here
  // (held_tls_key.h).
  enum class Source : std::uint8_t { file, new_file, folder, new_folder, tls_file, tls_folder };
  Source source = Source::file;
  std::string path;
  base::SecretBytes secret = {};  // a file's password, a folder's passphrase
  int connections = 1;
  std::vector<std::string> names = {};               // of a folder; of a server, for tls_folder
  std::optional<ossl::KeyKind> kind = std::nullopt;  // of new ones; nullopt: SM2
};
base::SecretBytes encode_wish(const KeyWish& wish);
base::Result<KeyWish> parse_wish(base::ByteView der);

// SeenKey is what the others see of a key.
struct SeenKey {
  x509::PublicKeyInfo public_key;
  x509::AlgorithmIdentifier algorithm;
  // Of PKCS#12, the key's own first; of tls_folder, the root last.
  std::vector<x509::Certificate> certificates = {};
};
base::Bytes encode_seen_keys(const std::vector<SeenKey>& keys);
base::Result<std::vector<SeenKey>> parse_seen_keys(base::ByteView der);

// KeyAct is what a request wants: its first octet. The second is the number of the key.
enum class KeyAct : std::uint8_t {
  sign = 1,         // a message → the signature
  make_sealed = 2,  // name → keys::EncryptionKey, under the folder's wrapping key
  envelop = 3,      // keys::EnvelopRequest → keys::EncryptionKey, for its receiver alone
  tls = 4,          // base::TlsSignature, what a handshake has signed → the signature
};
inline constexpr std::size_t kRequestHeadSize = 2;

// An answer is an octet 0 and what was asked for, or an octet 1 and an error.
base::Bytes encode_key_answer(const base::Result<base::Bytes>& answer);
base::Result<base::Bytes> parse_key_answer(base::ByteView content);

// A frame is a length in eight octets, and its content. Both fail with unavailable where the other
// end is gone, and with timeout where the socket has a limit; receive_frame with limit_exceeded.
inline constexpr std::size_t kFrameLengthSize = 8;
std::uint64_t frame_length(base::ByteView head);
base::Status send_frame(int socket, base::ByteView head, base::ByteView content);
base::Result<base::Bytes> receive_frame(int socket, std::size_t size_max);

}  // namespace heqi::program
