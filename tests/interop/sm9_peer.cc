// heqi_sm9_peer: does with SM9 what each line of its input asks, arguments and results in
// hexadecimal, for tests/interop/sm9.py. Prints "refused" where an operation fails.
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>

#include <heqi/base/text.h>
#include <heqi/crypto/sm9.h>

namespace {

using namespace heqi;
using namespace heqi::crypto::sm9;
using base::Bytes;
using Arguments = std::vector<Bytes>;
using Answer = base::Result<std::vector<Bytes>>;

base::SystemRandom random_source;

std::string text(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}
std::size_t size_of(const Bytes& bytes) {
  return bytes[0];
}
template <class Encoded>
Bytes out(const Encoded& encoded) {
  return base::to_bytes(base::ByteView(encoded));
}
template <class Secret>
Bytes shown(const Secret& secret) {
  return base::to_bytes(base::ByteView(secret.expose()));
}
crypto::Digest digest_of(const Bytes& bytes) {
  crypto::Digest digest{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
  return digest;
}

// sign: ks, id, message → Ppub-s, h, S
Answer sign_for_peer(const Arguments& in) {
  HEQI_TRY(const SignMasterKey master, SignMasterKey::decode(in[0]));
  HEQI_TRY(const SignKey key, master.extract(text(in[1])));
  HEQI_TRY(const Signature signature, sign(key, in[2], random_source));
  return std::vector<Bytes>{out(master.public_key().encode()), out(signature.h.encode()),
                            out(signature.s.encode())};
}
// verify: Ppub-s, id, message, h, S
Answer verify_of_peer(const Arguments& in) {
  HEQI_TRY(const SignMasterPublicKey master, SignMasterPublicKey::decode(in[0]));
  HEQI_TRY(const Scalar h, Scalar::decode(in[3]));
  HEQI_TRY(const G1 s, G1::decode(in[4]));
  HEQI_TRY(verify(master, text(in[1]), in[2], {h, s}));
  return std::vector<Bytes>{{1}};
}
// encapsulate: Ppub-e, id, size → C, key
Answer encapsulate_for_peer(const Arguments& in) {
  HEQI_TRY(const EncryptMasterPublicKey master, EncryptMasterPublicKey::decode(in[0]));
  HEQI_TRY(const Encapsulated made,
           encapsulate(master, text(in[1]), size_of(in[2]), random_source));
  return std::vector<Bytes>{out(made.c.encode()), shown(made.key)};
}
// decapsulate: ke, id, C, size → key
Answer decapsulate_of_peer(const Arguments& in) {
  HEQI_TRY(const EncryptMasterKey master, EncryptMasterKey::decode(in[0]));
  HEQI_TRY(const UserKey key, master.extract(text(in[1])));
  HEQI_TRY(const G1 c, G1::decode(in[2]));
  HEQI_TRY(const base::SecretBytes shared, decapsulate(key, c, size_of(in[3])));
  return std::vector<Bytes>{shown(shared)};
}
// encrypt: Ppub-e, id, message → C1, C3, C2
Answer encrypt_for_peer(const Arguments& in) {
  HEQI_TRY(const EncryptMasterPublicKey master, EncryptMasterPublicKey::decode(in[0]));
  HEQI_TRY(const Ciphertext sealed,
           encrypt(master, text(in[1]), in[2], CipherMode::stream, random_source));
  return std::vector<Bytes>{out(sealed.c1.encode()), out(sealed.c3), sealed.c2};
}
// decrypt: ke, id, C1, C3, C2 → message
Answer decrypt_of_peer(const Arguments& in) {
  HEQI_TRY(const EncryptMasterKey master, EncryptMasterKey::decode(in[0]));
  HEQI_TRY(const UserKey key, master.extract(text(in[1])));
  HEQI_TRY(const G1 c1, G1::decode(in[2]));
  HEQI_TRY(const base::SecretBytes plain,
           decrypt(key, {CipherMode::stream, c1, digest_of(in[3]), in[4]}));
  return std::vector<Bytes>{shown(plain)};
}
// answer: ke, our id, the initiator's id, R_A, size → R_B, key
Answer answer_peer(const Arguments& in) {
  HEQI_TRY(const EncryptMasterKey master, EncryptMasterKey::decode(in[0]));
  HEQI_TRY(const UserKey key, master.extract(text(in[1]), kExchangeHid));
  HEQI_TRY(const G1 share, G1::decode(in[3]));
  HEQI_TRY(Responder responder,
           Responder::answer(key, text(in[2]), share, size_of(in[4]), random_source));
  const Bytes own = out(responder.share().encode());
  return std::vector<Bytes>{own, shown(std::move(responder).accept())};
}

// begin: ke, our id, the responder's id → R_A; then finish: R_B, size → key
struct Begun {
  UserKey key;
  std::optional<Initiator> initiator;
};
std::unique_ptr<Begun> begun;
Answer begin_with_peer(const Arguments& in) {
  HEQI_TRY(const EncryptMasterKey master, EncryptMasterKey::decode(in[0]));
  HEQI_TRY(UserKey key, master.extract(text(in[1]), kExchangeHid));
  begun.reset(new Begun{std::move(key), {}});
  HEQI_TRY(Initiator initiator, Initiator::begin(begun->key, text(in[2]), random_source));
  begun->initiator = std::move(initiator);
  return std::vector<Bytes>{out(begun->initiator->share().encode())};
}
Answer finish_with_peer(const Arguments& in) {
  HEQI_TRY(const G1 share, G1::decode(in[0]));
  HEQI_TRY(const Agreed agreed, begun->initiator->finish(share, size_of(in[1])));
  return std::vector<Bytes>{shown(agreed.key)};
}

struct Command {
  std::size_t arguments;
  Answer (*run)(const Arguments&);
};
const std::map<std::string, Command> kCommands = {{"sign", {3, sign_for_peer}},
                                                  {"verify", {5, verify_of_peer}},
                                                  {"encapsulate", {3, encapsulate_for_peer}},
                                                  {"decapsulate", {4, decapsulate_of_peer}},
                                                  {"encrypt", {3, encrypt_for_peer}},
                                                  {"decrypt", {5, decrypt_of_peer}},
                                                  {"answer", {5, answer_peer}},
                                                  {"begin", {3, begin_with_peer}},
                                                  {"finish", {2, finish_with_peer}}};

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string name, word;
    words >> name;
    Arguments arguments;
    while (words >> word) arguments.push_back(*base::parse_hex(word));
    const auto command = kCommands.find(name);
    if (command == kCommands.end() || command->second.arguments != arguments.size()) return 2;
    const Answer answer = command->second.run(arguments);
    if (answer) {
      for (const Bytes& bytes : *answer) std::cout << base::to_hex(bytes) << ' ';
    } else {
      std::cout << "refused";
    }
    std::cout << std::endl;
  }
}
