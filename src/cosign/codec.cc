#include <heqi/cosign/codec.h>

#include "codec_parts.h"

namespace heqi::cosign {

using namespace codec;

namespace {

using base::Status;

// The opening's version is that of the whole exchange. 2: items are bound to the digest of the
// opening. 3: one proof shows all k3 and k4.
constexpr std::int64_t kExchangeVersion = 3;
// read_exchange_version tells a device of an older exchange so: its proofs would not hold, as with
// a wrong PIN.
Status read_exchange_version(Reader& in) {
  HEQI_TRY(const std::int64_t version, in.small_integer());
  if (version == kExchangeVersion) return {};
  return at(in, version < kExchangeVersion ? Code::device_outdated : Code::unsupported,
            "exchange version " + std::to_string(version));
}

// read_list reads a SEQUENCE OF 1…kBatchMax items.
template <class Item>
Status read_list(Reader& in, std::vector<Item>& items, Result<Item> (*read)(Reader&)) {
  HEQI_TRY(Reader list, in.sequence());
  while (!list.at_end()) {
    if (items.size() == kBatchMax) return at(list, Code::limit_exceeded, "more than 100 items");
    HEQI_TRY(Item item, read(list));
    items.push_back(std::move(item));
  }
  if (items.empty()) return at(in, Code::malformed, "an empty list");
  return {};
}

Result<OpeningItem> read_opening_item(Reader& in) {
  HEQI_TRY(Reader inner, in.sequence());
  OpeningItem item;
  HEQI_TRY(item.e, read_octets<crypto::kSm3Size>(inner));
  HEQI_TRY(item.t, read_point(inner));
  HEQI_TRY(item.u, read_point(inner));
  HEQI_TRY(inner.finish());
  return item;
}

Result<AnswerItem> read_answer_item(Reader& in) {
  HEQI_TRY(Reader inner, in.sequence());
  AnswerItem item;
  HEQI_TRY(item.r1, read_point(inner));
  HEQI_TRY(item.r2, read_point(inner));
  HEQI_TRY(item.r, read_scalar(inner));
  HEQI_TRY(item.s1, read_scalar(inner));
  HEQI_TRY(item.s2, read_scalar(inner));
  HEQI_TRY(inner.finish());
  return item;
}

Result<crypto::Signature> read_signature(Reader& in) {
  HEQI_TRY(Reader inner, in.sequence());
  crypto::Signature signature;
  HEQI_TRY(signature.r, read_scalar(inner));
  HEQI_TRY(signature.s, read_scalar(inner));
  HEQI_TRY(inner.finish());
  return signature;
}

}  // namespace

void write_key_name(Writer& out, const KeyName& name) {
  out.sequence([&](Writer& w) {
    w.utf8_string(name.app_id).utf8_string(name.platform_id).octet_string(name.key_id);
    w.integer(name.epoch);
  });
}

Result<KeyName> read_key_name(Reader& in) {
  HEQI_TRY(Reader inner, in.sequence());
  KeyName name;
  HEQI_TRY(name.app_id, inner.utf8_string());
  HEQI_TRY(name.platform_id, inner.utf8_string());
  HEQI_TRY(name.key_id, read_octets<kKeyIdSize>(inner));
  HEQI_TRY(const std::int64_t epoch, inner.small_integer());
  HEQI_TRY(inner.finish());
  if (epoch < 1 || epoch > 0x7FFFFFFF) return at(inner, Code::malformed, "an epoch out of range");
  name.epoch = static_cast<std::uint32_t>(epoch);
  HEQI_TRY(check_key_name(name));
  return name;
}

Bytes encode_key_init(const KeyInit& init) {
  return message([&](Writer& w) {
    write_point(w, init.p1);
    write_proof(w, init.proof);
  });
}

Result<KeyInit> parse_key_init(ByteView der) {
  HEQI_TRY(Reader in, read_message(der));
  KeyInit init;
  HEQI_TRY(init.p1, read_point(in));
  HEQI_TRY(init.proof, read_proof(in));
  HEQI_TRY(in.finish());
  return init;
}

Bytes encode_key_init_answer(const KeyInitAnswer& answer) {
  return message([&](Writer& w) {
    write_point(w, answer.p.point());
    write_proof(w, answer.proof);
  });
}

Result<KeyInitAnswer> parse_key_init_answer(ByteView der) {
  HEQI_TRY(Reader in, read_message(der));
  HEQI_TRY(const crypto::Point point, read_point(in));
  HEQI_TRY(const crypto::PublicKey p, crypto::PublicKey::from_point(point));
  HEQI_TRY(const crypto::SchnorrProof proof, read_proof(in));
  HEQI_TRY(in.finish());
  return KeyInitAnswer{p, proof};
}

Bytes encode_opening(const Opening& opening) {
  const auto content = [&](Writer& w) {
    write_key_name(w, opening.name);
    w.integer(static_cast<std::int64_t>(opening.counter));
    write_proof(w, opening.proof_d1);
    write_proof(w, opening.proof_nonces);
    w.sequence([&](Writer& list) {
      for (const OpeningItem& item : opening.items)
        list.sequence([&](Writer& one) {
          one.octet_string(item.e);
          write_point(one, item.t);
          write_point(one, item.u);
        });
    });
  };
  return message(content, kExchangeVersion);
}

Result<Opening> parse_opening(ByteView der) {
  HEQI_TRY(Reader in, open_message(der));
  HEQI_TRY(read_exchange_version(in));
  Opening opening;
  HEQI_TRY(opening.name, read_key_name(in));
  HEQI_TRY(opening.counter, read_counter(in));
  HEQI_TRY(opening.proof_d1, read_proof(in));
  HEQI_TRY(opening.proof_nonces, read_proof(in));
  HEQI_TRY(read_list(in, opening.items, read_opening_item));
  HEQI_TRY(in.finish());
  return opening;
}

Bytes encode_answer(const Answer& answer) {
  return message([&](Writer& w) {
    w.integer(static_cast<std::int64_t>(answer.counter));
    w.sequence([&](Writer& list) {
      for (const AnswerItem& item : answer.items)
        list.sequence([&](Writer& one) {
          write_point(one, item.r1);
          write_point(one, item.r2);
          write_scalar(one, item.r);
          write_scalar(one, item.s1);
          write_scalar(one, item.s2);
        });
    });
  });
}

Result<Answer> parse_answer(ByteView der) {
  HEQI_TRY(Reader in, read_message(der));
  Answer answer;
  HEQI_TRY(answer.counter, read_counter(in));
  HEQI_TRY(read_list(in, answer.items, read_answer_item));
  HEQI_TRY(in.finish());
  return answer;
}

Bytes encode_confirm(const Confirm& confirm) {
  return message([&](Writer& w) {
    w.integer(static_cast<std::int64_t>(confirm.counter));
    w.sequence([&](Writer& list) {
      for (const crypto::Signature& signature : confirm.signatures)
        list.sequence([&](Writer& one) {
          write_scalar(one, signature.r);
          write_scalar(one, signature.s);
        });
    });
  });
}

Result<Confirm> parse_confirm(ByteView der) {
  HEQI_TRY(Reader in, read_message(der));
  Confirm confirm;
  HEQI_TRY(confirm.counter, read_counter(in));
  HEQI_TRY(read_list(in, confirm.signatures, read_signature));
  HEQI_TRY(in.finish());
  return confirm;
}

}  // namespace heqi::cosign
