#include "encryption.h"

#include <algorithm>
#include <functional>

#include <heqi/crypto/sm3.h>

#include "legacy_cipher.h"
#include "legacy_digest.h"

namespace heqi::documents::pdf {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

// The password "" as it is padded (§7.6.4.3.2).
constexpr std::uint8_t kPadding[32] = {
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08,
    0x2E, 0x2E, 0x00, 0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A};
constexpr std::size_t kAesBlock = 16;

base::Error needs_password() {
  return fail(Code::document_encrypted,
              "it opens only with a password; save it without one first (qpdf --decrypt "
              "--password=… IN.pdf OUT.pdf), before anybody signs it");
}
base::Error bad(const std::string& why) {
  return fail(Code::malformed, "/Encrypt: " + why);
}

Result<std::int64_t> integer_of(const Dictionary& dictionary, std::string_view key,
                                std::optional<std::int64_t> otherwise = std::nullopt) {
  const Value* value = dictionary.find(key);
  if (value == nullptr && otherwise) return *otherwise;
  if (value == nullptr || value->integer() == nullptr)
    return bad("/" + std::string(key) + " is no integer");
  return *value->integer();
}

Result<Bytes> octets_of(const Dictionary& dictionary, std::string_view key, std::size_t size) {
  const Value* value = dictionary.find(key);
  if (value == nullptr || value->string() == nullptr || value->string()->bytes.size() < size)
    return bad("/" + std::string(key) + " is no string of " + std::to_string(size) + " octets");
  Bytes out = value->string()->bytes;
  out.resize(size);
  return out;
}

Aes::Block block_of(ByteView octets) {
  Aes::Block out{};
  std::copy_n(octets.begin(), out.size(), out.begin());
  return out;
}

// hardened is the hash of revision 6 for an empty password (§7.6.4.3.4, algorithm 2.B).
Bytes hardened(ByteView salt) {
  Bytes key = sha256(salt);
  for (int round = 1;; ++round) {
    Bytes repeated;
    for (int i = 0; i < 64; ++i) base::append(repeated, key);
    const Bytes mixed =
        Aes(ByteView(key).first(16)).encrypt_cbc(block_of(ByteView(key).subspan(16, 16)), repeated);
    unsigned sum = 0;
    for (std::size_t i = 0; i < 16; ++i) sum += mixed[i];
    key = sum % 3 == 0 ? sha256(mixed) : sum % 3 == 1 ? sha384(mixed) : sha512(mixed);
    if (round >= 64 && mixed.back() <= round - 32) break;
  }
  key.resize(32);
  return key;
}

Bytes hash_of(std::int64_t revision, ByteView salt) {
  return revision == 5 ? sha256(salt) : hardened(salt);
}

bool is_signature(const Dictionary& dictionary) {
  return dictionary.find("ByteRange") != nullptr && dictionary.find("Contents") != nullptr;
}

// with_strings is value with each string replaced.
using Change = std::function<Result<Bytes>(const Bytes&)>;
Result<Value> with_strings(const Value& value, const Change& change);

Result<Dictionary> with_strings(const Dictionary& dictionary, const Change& change) {
  Dictionary out;
  const bool signature = is_signature(dictionary);
  for (const Entry& entry : dictionary.entries) {
    out.entries.push_back(entry);
    if (signature && entry.key.text == "Contents") continue;
    HEQI_TRY(out.entries.back().value, with_strings(entry.value, change));
  }
  return out;
}

Result<Value> with_strings(const Value& value, const Change& change) {
  Value out = value;
  if (const String* string = value.string()) {
    HEQI_TRY(Bytes bytes, change(string->bytes));
    out = Value(String{std::move(bytes), string->hexadecimal});
  } else if (const Array* array = value.array()) {
    Array items;
    for (const Value& item : array->items) {
      HEQI_TRY(items.items.emplace_back(), with_strings(item, change));
    }
    out = Value(std::move(items));
  } else if (const Stream* stream = value.stream()) {
    HEQI_TRY(Dictionary dictionary, with_strings(stream->dictionary, change));
    out = Value(Stream{std::move(dictionary), stream->data});
  } else if (const Dictionary* dictionary = value.dictionary()) {
    HEQI_TRY(Dictionary changed, with_strings(*dictionary, change));
    out = Value(std::move(changed));
  }
  out.place = value.place;
  return out;
}

}  // namespace

Result<Encryption> Encryption::open(const Dictionary& encrypt, ByteView identifier) {
  const Value* filter = encrypt.find("Filter");
  if (filter == nullptr || !filter->is_name("Standard"))
    return fail(Code::document_encrypted,
                "it is encrypted for certain recipients; they can save it without encryption");
  Encryption out;
  HEQI_TRY(const std::int64_t version, integer_of(encrypt, "V"));
  HEQI_TRY(const std::int64_t revision, integer_of(encrypt, "R"));
  const bool pair = (version == 1 && revision == 2) || (version == 1 && revision == 3) ||
                    (version == 2 && revision == 3) || (version == 4 && revision == 4) ||
                    (version == 5 && (revision == 5 || revision == 6));
  if (!pair)
    return fail(Code::document_encrypted, "its kind of encryption is not known: /V " +
                                              std::to_string(version) + " /R " +
                                              std::to_string(revision));
  HEQI_TRY(const std::int64_t permissions, integer_of(encrypt, "P"));
  out.permissions_ = static_cast<std::int32_t>(static_cast<std::uint32_t>(permissions));
  if (const Value* metadata = encrypt.find("EncryptMetadata")) {
    if (metadata->boolean() == nullptr) return bad("/EncryptMetadata is neither true nor false");
    out.metadata_ = version < 4 || *metadata->boolean();
  }
  HEQI_TRY(out.read_filters(encrypt, version));
  if (version == 5) {
    HEQI_TRY(out.derive_long_key(encrypt, revision));
  } else {
    HEQI_TRY(out.derive_key(encrypt, revision, identifier));
  }
  return out;
}

base::Status Encryption::read_filters(const Dictionary& encrypt, std::int64_t version) {
  if (version < 4) return {};
  HEQI_TRY(strings_, method_of(encrypt, "StrF"));
  HEQI_TRY(streams_, method_of(encrypt, "StmF"));
  for (const Method one : {strings_, streams_}) {
    const bool due = one == Method::none || (version == 5) == (one == Method::aes256);
    if (!due) return bad("its filters are not those of /V " + std::to_string(version));
  }
  return {};
}

Result<Encryption::Method> Encryption::method_of(const Dictionary& encrypt, std::string_view key) {
  const Value* name = encrypt.find(key);
  if (name == nullptr || name->is_name("Identity")) return Method::none;
  const Value* all = encrypt.find("CF");
  if (name->name() == nullptr || all == nullptr || all->dictionary() == nullptr)
    return bad("/" + std::string(key) + " names no filter");
  const Value* filter = all->dictionary()->find(name->name()->text);
  const Value* method =
      filter != nullptr && filter->dictionary() ? filter->dictionary()->find("CFM") : nullptr;
  if (method == nullptr) return bad("no filter " + name->name()->text);
  if (method->is_name("None")) return Method::none;
  if (method->is_name("V2")) return Method::rc4;
  if (method->is_name("AESV2")) return Method::aes128;
  if (method->is_name("AESV3")) return Method::aes256;
  return fail(Code::document_encrypted, "its kind of encryption is not known");
}

// derive_key is algorithms 2, 4, 5 and 6 (§7.6.4.3).
base::Status Encryption::derive_key(const Dictionary& encrypt, std::int64_t revision,
                                    ByteView identifier) {
  HEQI_TRY(std::int64_t bits, integer_of(encrypt, "Length", 40));
  if (revision == 2) bits = 40;
  if (revision == 4) bits = 128;
  if (bits < 40 || bits > 128 || bits % 8 != 0) return bad("/Length " + std::to_string(bits));
  const auto size = static_cast<std::size_t>(bits / 8);
  HEQI_TRY(const Bytes owner, octets_of(encrypt, "O", 32));
  HEQI_TRY(const Bytes user, octets_of(encrypt, "U", 32));
  Bytes input = base::concat({kPadding, owner});
  for (int shift = 0; shift < 32; shift += 8)
    input.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(permissions_) >> shift));
  base::append(input, identifier);
  if (revision >= 4 && !metadata_) input.insert(input.end(), 4, 0xFF);
  key_ = md5(input);
  for (int i = 0; revision >= 3 && i < 50; ++i) key_ = md5(ByteView(key_).first(size));
  key_.resize(size);

  Bytes expected = rc4(key_, kPadding);
  if (revision >= 3) {
    expected = rc4(key_, md5(base::concat({kPadding, identifier})));
    for (std::uint8_t i = 1; i < 20; ++i) {
      Bytes other = key_;
      for (std::uint8_t& octet : other) octet ^= i;
      expected = rc4(other, expected);
    }
  }
  if (!std::equal(expected.begin(), expected.end(), user.begin())) return needs_password();
  return {};
}

// derive_long_key is algorithms 2.A, 11 and 13 (§7.6.4.3).
base::Status Encryption::derive_long_key(const Dictionary& encrypt, std::int64_t revision) {
  HEQI_TRY(const Bytes user, octets_of(encrypt, "U", 48));
  HEQI_TRY(const Bytes closed, octets_of(encrypt, "UE", 32));
  HEQI_TRY(const Bytes stated, octets_of(encrypt, "Perms", 16));
  const ByteView check = ByteView(user).subspan(32, 8), salt = ByteView(user).subspan(40, 8);
  if (!base::same_bytes(hash_of(revision, check), ByteView(user).first(32)))
    return needs_password();
  key_ = Aes(hash_of(revision, salt)).decrypt_cbc({}, closed);
  const Aes::Block permissions = Aes(key_).decrypt(block_of(stated));
  if (permissions[9] != 'a' || permissions[10] != 'd' || permissions[11] != 'b')
    return bad("/Perms does not open");
  for (std::size_t i = 0; i < 4; ++i)
    if (permissions[i] !=
        static_cast<std::uint8_t>(static_cast<std::uint32_t>(permissions_) >> (8 * i)))
      return bad("/Perms and /P differ");
  return {};
}

// key_for is algorithm 1: a key for each object, but for AES-256.
Bytes Encryption::key_for(Method method, Reference id) const {
  if (method == Method::aes256) return key_;
  Bytes input = key_;
  for (int shift = 0; shift < 24; shift += 8)
    input.push_back(static_cast<std::uint8_t>(id.number >> shift));
  for (int shift = 0; shift < 16; shift += 8)
    input.push_back(static_cast<std::uint8_t>(id.generation >> shift));
  if (method == Method::aes128) base::append(input, base::bytes_of("sAlT"));
  Bytes key = md5(input);
  key.resize(std::min<std::size_t>(key_.size() + 5, 16));
  return key;
}

Result<Bytes> Encryption::decrypt(Method method, Reference id, ByteView data) const {
  if (method == Method::none || data.empty()) return base::to_bytes(data);
  if (method == Method::rc4) return rc4(key_for(method, id), data);
  const bool whole = data.size() % kAesBlock == 0 && data.size() >= 2 * kAesBlock;
  const auto wrong = [&] {
    return fail(Code::malformed,
                "object " + std::to_string(id.number) + ": what is encrypted does not open");
  };
  if (!whole) return wrong();
  Bytes out = Aes(key_for(method, id))
                  .decrypt_cbc(block_of(data.first(kAesBlock)), data.subspan(kAesBlock));
  const std::size_t padding = out.back();
  if (padding == 0 || padding > kAesBlock) return wrong();
  for (std::size_t i = 1; i <= padding; ++i)
    if (out[out.size() - i] != padding) return wrong();
  out.resize(out.size() - padding);
  return out;
}

// The initial vector comes from the content, so that the same input gives the same file.
Bytes Encryption::encrypt(Method method, Reference id, ByteView data) const {
  if (method == Method::none) return base::to_bytes(data);
  const Bytes key = key_for(method, id);
  if (method == Method::rc4) return rc4(key, data);
  crypto::Sm3 hash;
  hash.update(key);
  hash.update(base::bytes_of(std::to_string(id.number) + " "));
  hash.update(data);
  const Aes::Block initial = block_of(hash.finish());
  Bytes padded = base::to_bytes(data);
  const std::size_t padding = kAesBlock - data.size() % kAesBlock;
  padded.insert(padded.end(), padding, static_cast<std::uint8_t>(padding));
  return base::concat({initial, Aes(key).encrypt_cbc(initial, padded)});
}

Result<Value> Encryption::decrypted(const Value& value, Reference id) const {
  return with_strings(value, [&](const Bytes& bytes) { return decrypt(strings_, id, bytes); });
}

Value Encryption::encrypted(const Value& value, Reference id) const {
  auto out = with_strings(
      value, [&](const Bytes& bytes) -> Result<Bytes> { return encrypt(strings_, id, bytes); });
  HEQI_CHECK(out.has_value());  // closing does not fail
  return *std::move(out);
}

// method_for: cross-reference streams are open, metadata may be, and a stream may say Identity.
Encryption::Method Encryption::method_for(const Dictionary& stream) const {
  const Value* type = stream.find("Type");
  if (type != nullptr && type->is_name("XRef")) return Method::none;
  if (type != nullptr && type->is_name("Metadata") && !metadata_) return Method::none;
  return streams_;
}

Result<Bytes> Encryption::decrypt_stream(const Dictionary& dictionary, Reference id,
                                         ByteView data) const {
  const Value* filter = dictionary.find("Filter");
  const Value* first = filter != nullptr && filter->array() && !filter->array()->items.empty()
                           ? &filter->array()->items[0]
                           : filter;
  if (first != nullptr && first->is_name("Crypt"))
    return fail(Code::unsupported,
                "object " + std::to_string(id.number) + ": a stream with an encryption of its own");
  return decrypt(method_for(dictionary), id, data);
}

Bytes Encryption::encrypt_stream(const Dictionary& dictionary, Reference id, ByteView data) const {
  return encrypt(method_for(dictionary), id, data);
}

}  // namespace heqi::documents::pdf
