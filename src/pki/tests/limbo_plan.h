// limbo_plan.h: chains of root, intermediate and leaf for shapes that no builder of ours would
// make: every field is written as wished, right or wrong, and signed with SM2 keys.
#pragma once
#include <algorithm>
#include <functional>
#include <string>

#include <heqi/pki/path.h>
#include <heqi/testing/authority.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/sm2_encoding.h>

#include "der.h"

namespace heqi::pki::limbo {

using base::Bytes;
using x509::Extension;

// Wish is one certificate to be written. An issuer that is empty is its issuer's subject.
struct Wish {
  std::string name;
  Bytes serial{0x11};                                     // content octets of the INTEGER
  std::optional<Bytes> issuer, subject;                   // DER Name
  std::optional<Bytes> inner_algorithm, outer_algorithm;  // DER, inside and outside of the body
  std::optional<Bytes> key_info;                          // DER SubjectPublicKeyInfo
  std::optional<std::string> signer_id;        // GB/T 32918.2 §5.5; left out: the usual one
  std::function<Bytes(Bytes)> on_signature;    // what stands in the BIT STRING
  std::optional<Bytes> not_before, not_after;  // DER Time
  std::vector<Extension> extensions;

  void drop(const asn1::Oid& type) {
    std::erase_if(extensions, [&](const Extension& one) { return one.type == type; });
  }
  void set(Extension extension) {
    drop(extension.type);
    extensions.push_back(std::move(extension));
  }
  void mark(const asn1::Oid& type, bool critical) {
    for (Extension& one : extensions)
      if (one.type == type) one.critical = critical;
  }
};

inline Bytes name_der(const std::string& common_name) {
  return base::to_bytes(
      x509::Name::make({{x509::oids::country(), "CN"}, {x509::oids::common_name(), common_name}})
          ->der());
}
inline Bytes algorithm_der(const asn1::Oid& oid, Bytes parameters = {}) {
  return x509::encode_algorithm({oid, std::move(parameters)});
}
inline Bytes empty_name() {
  return {0x30, 0x00};
}
inline Bytes general_names(const std::vector<std::pair<unsigned, std::string>>& names) {
  return der::encode([&](asn1::Writer& w) {
    w.sequence([&](asn1::Writer& list) {
      for (const auto& [tag, text] : names)
        list.element(tag == 0 || tag == 4 ? asn1::context_constructed(tag) : asn1::context(tag),
                     base::bytes_of(text));
    });
  });
}
inline Extension alternative_names(const std::vector<std::pair<unsigned, std::string>>& names) {
  return {x509::oids::subject_alternative_name(), false, general_names(names)};
}
inline std::string octets(std::initializer_list<unsigned> values) {
  std::string out;
  for (const unsigned value : values) out.push_back(static_cast<char>(value));
  return out;
}
using Subtrees = std::vector<std::pair<unsigned, std::string>>;
// name_constraints has subtrees of (tag of GeneralName, content).
inline Extension name_constraints(const Subtrees& permitted, const Subtrees& excluded = {}) {
  const auto write = [](asn1::Writer& fields, unsigned number, const Subtrees& trees) {
    if (trees.empty()) return;
    fields.constructed(asn1::context_constructed(number), [&](asn1::Writer& list) {
      for (const auto& [tag, text] : trees)
        list.sequence([&](asn1::Writer& tree) {
          tree.element(tag == 0 || tag == 4 ? asn1::context_constructed(tag) : asn1::context(tag),
                       base::bytes_of(text));
        });
    });
  };
  return {x509::oids::name_constraints(), true, der::encode([&](asn1::Writer& w) {
            w.sequence([&](asn1::Writer& fields) {
              write(fields, 0, permitted);
              write(fields, 1, excluded);
            });
          })};
}

// Plan is a chain; a shape changes it before it is judged.
struct Plan {
  Plan() {
    using x509::KeyUsageBit;
    options.at = options.now = testing::at("2026-06-01T12:00:00Z");
    options.revocation = RevocationMode::ignore;
    root.name = "Limbo Root";
    ca.name = "Limbo CA";
    leaf.name = "Limbo Leaf";
    for (Wish* one : {&root, &ca}) {
      one->set(x509::make_basic_constraints({true, std::nullopt}));
      one->set(x509::make_key_usage({KeyUsageBit::key_cert_sign, KeyUsageBit::crl_sign}));
    }
    leaf.set(x509::make_key_usage({KeyUsageBit::digital_signature}));
    leaf.set(alternative_names({{2, "example.com"}}));
    for (Wish* one : {&root, &ca, &leaf}) {
      x509::PublicKeyInfo key = key_of(*one).public_key;
      one->set(x509::make_subject_key_identifier(key));
    }
    ca.set(x509::make_authority_key_identifier(keys[0].public_key.key_identifier()));
  }
  testing::NewKey& key_of(const Wish& wish) {
    return keys[&wish == &root ? 0U : &wish == &ca ? 1U : 2U];
  }
  // write makes a certificate of wish under issuer.
  Bytes write(const Wish& wish, const Wish& issuer) {
    const Bytes algorithm = algorithm_der(x509::sm2_with_sm3_algorithm().oid);
    const auto subject_of = [](const Wish& one) {
      return one.subject ? *one.subject : name_der(one.name);
    };
    const auto time = [](base::Time value) {
      return der::encode([&](asn1::Writer& w) { w.time(value); });
    };
    const Bytes tbs = der::encode([&](asn1::Writer& w) {
      w.sequence([&](asn1::Writer& body) {
        body.explicit_tag(0, [](asn1::Writer& version) { version.integer(2); });
        body.element(asn1::kInteger, wish.serial);
        body.raw(wish.inner_algorithm ? *wish.inner_algorithm : algorithm);
        body.raw(wish.issuer ? *wish.issuer : subject_of(issuer));
        body.sequence([&](asn1::Writer& validity) {
          validity.raw(wish.not_before ? *wish.not_before
                                       : time(testing::at("2026-01-01T00:00:00Z")));
          validity.raw(wish.not_after ? *wish.not_after
                                      : time(testing::at("2036-01-01T00:00:00Z")));
        });
        body.raw(subject_of(wish));
        body.raw(wish.key_info ? *wish.key_info : key_of(wish).public_key.der);
        body.explicit_tag(3, [&](asn1::Writer& tagged) {
          tagged.sequence([&](asn1::Writer& list) {
            for (const Extension& one : wish.extensions)
              der::write_extension(list, one.type, one.critical, one.value);
          });
        });
      });
    });
    const Bytes signature = wish.signer_id
                                ? x509::encode_signature(*crypto::sign(
                                      key_of(issuer).sm2->key(), tbs, random, *wish.signer_id))
                                : *key_of(issuer).signer->sign(tbs);
    return der::encode([&](asn1::Writer& w) {
      w.sequence([&](asn1::Writer& whole) {
        whole.raw(tbs).raw(wish.outer_algorithm ? *wish.outer_algorithm : algorithm);
        whole.bit_string(wish.on_signature ? wish.on_signature(signature) : signature);
      });
    });
  }
  // judge writes root, CA (where the shape has one) and leaf, and gives what is held against the
  // leaf; empty: it is trusted. An intermediate that does not parse is not there.
  std::string judge() {
    const Wish& issuer = has_ca ? ca : root;
    if (leaf_names_issuer)
      leaf.set(x509::make_authority_key_identifier(key_of(issuer).public_key.key_identifier()));
    const auto read_root = x509::parse_certificate(write(root, root));
    const auto read_leaf = x509::parse_certificate(write(leaf, issuer));
    if (!read_root) return read_root.error().detail;
    if (!read_leaf) return read_leaf.error().detail;
    if (has_ca)
      if (auto read_ca = x509::parse_certificate(write(ca, root)))
        options.intermediates.push_back(*std::move(read_ca));
    anchors.push_back(*read_root);
    const x509::Sm2SignatureVerifier signatures;
    const Sm3Digester digests;
    const PathResult path =
        validate_path(*read_leaf, TrustStore(anchors), options, {signatures, digests});
    if (path.status == PathStatus::trusted) return {};
    return path.reason.empty() ? std::string(name_of(path.status)) : path.reason;
  }
  bool is_trusted() { return judge().empty(); }

  testing::SeededRandom random{3};
  testing::NewKey keys[3] = {testing::sm2_suite().make_key(random),
                             testing::sm2_suite().make_key(random),
                             testing::sm2_suite().make_key(random)};
  Wish root, ca, leaf;
  bool has_ca = false, leaf_names_issuer = true;
  std::vector<x509::Certificate> anchors;  // beside the root
  PathOptions options;
};

}  // namespace heqi::pki::limbo
