// evidence_world.h: two complete contracts of one installation, their packages, and packages that
// are not what they say.
#pragma once
#include <verification.h>

#include <heqi/base/text.h>
#include <heqi/documents/evidence/verify.h>
#include <heqi/testing/authority.h>

#include "deal.h"

namespace heqi::testing {

namespace evidence = documents::evidence;
namespace ofd = documents::ofd;
using base::Bytes;
using base::ByteView;

// Installation is a platform with two complete contracts.
struct Installation : Deal {
  explicit Installation(std::uint64_t seed = 20261121) : Deal({}, seed) {
    first = sign_all(), second = sign_all();
    package = must(packages().package(owner, first));
    other = must(packages().package(owner, second));
  }

  services::contract::EvidencePackages& packages() { return house.services->evidence_packages; }
  std::string sign_all() {
    const std::string id = begin();
    for (auto [phone, address] : {std::pair{&zhang, kZhang}, std::pair{&li, kLi}}) {
      EXPECT_OK(platform().open_document(link(address)));
      house.clock.advance(std::chrono::minutes(1));
      EXPECT_OK(ask(address));
      EXPECT_OK(phone->sign());
      house.settle();
    }
    EXPECT_EQ(get(id).state, "complete");
    return id;
  }
  pki::TrustStore trust() { return pki::TrustStore({house.hierarchy().root}); }

  // content is what the first package is made of, for those that say something else.
  evidence::Content content() {
    const auto parts = must(ofd::Package::open(package));
    const auto read = [&](const std::string& name) {
      return base::to_bytes(must(parts.read(name)));
    };
    const services::contract::Contract contract = get(first);
    evidence::Content out;
    out.contract = contract.id, out.title = contract.title, out.owner = contract.owner;
    out.created_at = contract.created_at, out.ended_at = *contract.ended_at;
    for (const auto& one : contract.parties)
      out.parties.push_back({one.position, one.person_id, one.name, one.field, one.signed_at});
    out.document = read("contract.pdf"), out.original = read("original.pdf");
    for (const ofd::Entry& one : parts.entries()) {
      if (one.name.starts_with("moments/") && one.name.ends_with(".json"))
        out.moments.push_back({std::string(base::text_of(read(one.name))),
                               read(one.name.substr(0, one.name.size() - 4) + "tst")});
      if (one.name.ends_with(".cer")) out.certificates.push_back(read(one.name));
      if (one.name.ends_with(".crl")) out.crls.push_back(read(one.name));
      if (one.name.ends_with(".ocsp")) out.ocsps.push_back(read(one.name));
    }
    return out;
  }
  // packed is content under a true signature of the platform's own key.
  Bytes packed(const evidence::Content& content) {
    evidence::Draft draft = must(evidence::make_draft(content));
    const Bytes signature = must(house.services->application.sign(draft.statement));
    const Bytes token = must(house.services->trust.stamp(signature));
    return must(evidence::finish_package(std::move(draft), house.hierarchy().application, signature,
                                         token));
  }

  std::string first, second;
  Bytes package, other;
};

// judge is what heqi evidence verify does.
inline base::Result<evidence::PackageReport> judge(ByteView package, const pki::TrustStore& trust,
                                                   base::Time now,
                                                   const pki::Algorithms& algorithms) {
  return evidence::verify_package(
      package, {trust, now, algorithms, [&](ByteView file, const evidence::Helpers& helpers) {
                  return program::verify_document(file, trust, algorithms, now,
                                                  {.certificates = helpers.certificates,
                                                   .crls = helpers.crls,
                                                   .ocsp_answers = helpers.ocsp_answers,
                                                   .seal_status = {}});
                }});
}

inline std::string words(const evidence::PackageReport& report) {
  std::string out(name_of(report.verdict));
  for (const auto& one : report.findings)
    out +=
        "\n" + std::string(evidence::text_of(one.fault).name) + " " + one.where + " " + one.detail;
  return out;
}

}  // namespace heqi::testing
