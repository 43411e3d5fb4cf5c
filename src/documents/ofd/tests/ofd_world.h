// Documents, parties with seals, and whole signed files for tests.
#pragma once
#include <heqi/crypto/sm3.h>
#include <heqi/documents/ofd/make.h>
#include <heqi/documents/ofd/sign.h>
#include <heqi/documents/ofd/verify.h>

#include "../../seal/tests/seal_world.h"

namespace heqi::documents::ofd {

using base::Bytes;
using base::ByteView;
using base::Code;
using seal::kNow;
using seal::kSealedAt;
using seal::must;
using seal::SealWorld;
using testing::at;
using testing::Credential;
using verify::Reason;
using verify::Report;
using verify::Verdict;

// contract is a document of a few pages in our own layout.
inline Bytes contract(std::size_t pages = 3, const std::string& amount = "壹万元整") {
  NewDocument out;
  out.title = "租赁合同";
  out.created = at("2026-05-01T00:00:00Z");
  for (std::size_t i = 0; i < pages; ++i) {
    NewPage page;
    page.lines = {{30, 40, 6, "租赁合同 第" + std::to_string(i + 1) + "页"},
                  {30, 60, 4.2, "月租金：人民币" + amount},
                  {30, 70, 4.2, "甲方（盖章）："},
                  {110, 70, 4.2, "乙方（盖章）："}};
    page.rules = {{30, 44, 180, 44, 0.3}};
    page.pictures = {{{150, 20, 20, 20}, seal::one_pixel()}};
    out.pages.push_back(std::move(page));
  }
  return must(make_document(out));
}

struct Signing {
  bool time_stamp = true;
  base::Time time = kSealedAt;
  Closing closing = Closing::keep_open;
};

// SealingDesk signs whole files, as the product does, with software keys.
class SealingDesk : public SealWorld {
 public:
  SignatureRequest sealing(const Credential& who, const Signing& how = {}) {
    SignatureRequest out = signing(who, how);
    out.type = SignatureType::seal;
    seal::SealRequest wish = request();
    wish.signers = {who.certificate};
    wish.info.extensions = {seal::make_certificate_values(authority.chain())};
    out.seal = make(wish);
    out.stamps = {{0, {60, 60, 40, 40}, std::nullopt}};
    return out;
  }
  SignatureRequest signing(const Credential& who, const Signing& how = {}) const {
    SignatureRequest out;
    out.signer = who.certificate;
    out.chain = authority.chain();
    out.time = how.time;
    out.closing = how.closing;
    return out;
  }

  Bytes finish(const Prepared& prepared, const Credential& who, const Signing& how = {}) {
    const Bytes value = must(who.signer->sign(prepared.to_sign));
    std::optional<Bytes> token;
    if (how.time_stamp) token = authority.make_time_stamp(value, how.time);
    return must(finish_signature(prepared, who.signer->algorithm(), value, token));
  }
  Bytes perform(ByteView file, const SignatureRequest& request, const Credential& who,
                const Signing& how = {}) {
    return finish(must(prepare_signature(file, request)), who, how);
  }
  Bytes sealed(ByteView file, const Signing& how = {}) {
    return perform(file, sealing(alice, how), alice, how);
  }
  Bytes signed_by(ByteView file, const Credential& who, const Signing& how = {}) {
    return perform(file, signing(who, how), who, how);
  }

  VerifyOptions options(base::Time now = kNow) const {
    VerifyOptions out;
    out.trust = authority.trust();
    out.now = now;
    return out;
  }
  Report verify(ByteView file) const { return must(verify_ofd(file, options())); }
};

inline bool has(const Report& report, Reason reason) {
  const auto in = [&](const std::vector<verify::Finding>& findings) {
    for (const verify::Finding& one : findings)
      if (one.reason == reason) return true;
    return false;
  };
  if (in(report.findings)) return true;
  for (const verify::SignatureReport& one : report.signatures)
    if (in(one.findings)) return true;
  return false;
}

inline std::string words(const Report& report) {
  std::string out(verify::name_of(report.verdict));
  const auto add = [&](const std::string& who, const std::vector<verify::Finding>& findings) {
    for (const verify::Finding& one : findings)
      out += "\n  " + who + ": " + std::string(verify::text_of(one.reason).name) + " [" +
             one.evidence + "]";
  };
  add("document", report.findings);
  for (const auto& one : report.signatures) add(one.field, one.findings);
  return out;
}

// with replaces or adds entries; without takes them away; both leave all others as they stand.
inline Bytes with(ByteView file, const std::vector<NewEntry>& entries) {
  const Package package = must(Package::open(file));
  return must(write_package(&package, entries));
}
inline std::string part(ByteView file, std::string_view name) {
  const Package package = must(Package::open(file));
  return std::string(base::text_of(must(package.read(name))));
}
inline std::vector<NewEntry> parts_of(ByteView file) {
  const Package package = must(Package::open(file));
  std::vector<NewEntry> out;
  for (const Entry& one : package.entries())
    out.push_back({one.name, base::to_bytes(must(package.read(one.name)))});
  return out;
}
inline Bytes without(ByteView file, std::string_view name) {
  std::vector<NewEntry> parts = parts_of(file);
  std::erase_if(parts, [&](const NewEntry& one) { return one.name.starts_with(name); });
  return must(write_package(nullptr, parts));
}
// edited replaces the first occurrence of from in a part.
inline Bytes edited(ByteView file, std::string_view name, std::string_view from,
                    std::string_view to) {
  std::string text = part(file, name);
  const std::size_t where = text.find(from);
  HEQI_CHECK(where != std::string::npos);
  text.replace(where, from.size(), to);
  return with(file, {{std::string(name), base::to_bytes(text)}});
}

}  // namespace heqi::documents::ofd
