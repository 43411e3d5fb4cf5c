// The evidence package of a contract: whole, changed, put together anew, and of strangers.
#include <algorithm>

#include <heqi/base/file_store.h>
#include <heqi/x509/oids.h>

#include "evidence_world.h"
#include "shell.h"

namespace heqi::testing {
namespace {

using base::Code;
using evidence::Fault;
using evidence::Verdict;

struct Packages : ::testing::Test {
  static void SetUpTestSuite() { made = std::make_unique<Installation>(); }
  static void TearDownTestSuite() { made.reset(); }

  base::Result<evidence::PackageReport> judged(ByteView package) {
    return judge(package, made->trust(), made->house.clock.now(),
                 made->house.services->trust.algorithms());
  }
  void expect_fault(ByteView package, Fault fault, const std::string& where = {}) {
    const auto report = judged(package);
    ASSERT_OK(report);
    EXPECT_GE(report->verdict, Verdict::indeterminate);
    const bool found = std::any_of(
        report->findings.begin(), report->findings.end(), [&](const evidence::Finding& one) {
          return one.fault == fault && (where.empty() || one.where == where);
        });
    EXPECT_TRUE(found) << words(*report);
  }
  // is_refused: neither valid, nor valid with notes.
  bool is_refused(ByteView package) {
    const auto report = judged(package);
    return !report || report->verdict > Verdict::valid_with_notes;
  }
  // with puts another content into the entry of that name, or a new one.
  static Bytes with(ByteView package, const std::string& name, Bytes content) {
    const auto parts = must(ofd::Package::open(package));
    std::vector<ofd::NewEntry> entries;
    bool known = false;
    for (const ofd::Entry& one : parts.entries()) {
      const bool is_it = one.name == name;
      entries.push_back({one.name, is_it ? content : base::to_bytes(must(parts.read(one.name)))});
      known = known || is_it;
    }
    if (!known) entries.push_back({name, std::move(content)});
    return must(ofd::write_package(nullptr, entries));
  }
  static Bytes without(ByteView package, const std::string& name) {
    const auto parts = must(ofd::Package::open(package));
    std::vector<ofd::NewEntry> entries;
    for (const ofd::Entry& one : parts.entries())
      if (one.name != name)
        entries.push_back({one.name, base::to_bytes(must(parts.read(one.name)))});
    return must(ofd::write_package(nullptr, entries));
  }
  static std::vector<std::string> names() {
    const auto parts = must(ofd::Package::open(made->package));
    std::vector<std::string> out;
    for (const ofd::Entry& one : parts.entries()) out.push_back(one.name);
    return out;
  }
  static Bytes entry(ByteView package, const std::string& name) {
    const auto parts = must(ofd::Package::open(package));
    return base::to_bytes(must(parts.read(name)));
  }

  static inline std::unique_ptr<Installation> made;
};

// shows-part: ECP-EVI-3 (the history, ledger proofs, captured features, the report as a document)
// shows: ECP-TS-4
TEST_F(Packages, ACompleteContractsPackageIsValidAndTellsWhoDidWhatWhen) {
  const auto report = judged(made->package);
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, Verdict::valid) << words(*report);
  EXPECT_EQ(report->contract, made->first);
  ASSERT_EQ(report->parties.size(), 2U);
  EXPECT_EQ(report->parties[0].person, made->zhang_id);
  EXPECT_EQ(report->parties[1].name, "李四");
  ASSERT_TRUE(report->document.has_value());
  EXPECT_EQ(report->document->verdict, Verdict::valid);
  ASSERT_EQ(report->moments.size(), 7U);
  const auto moments = must(made->platform().moments(made->owner, made->first));
  for (std::size_t i = 0; i < moments.size(); ++i)
    EXPECT_EQ(report->moments[i].time, *moments[i].time) << i;
  EXPECT_EQ(entry(made->package, "original.pdf"), made->house.example());
  EXPECT_EQ(entry(made->package, "contract.pdf"),
            must(made->platform().document(made->get(made->first))));
}

TEST_F(Packages, ThePackageOfAContractIsMadeOnce) {
  EXPECT_EQ(must(made->packages().package(made->owner, made->first)), made->package);
  made->house.clock.advance(std::chrono::hours(1));
  made->house.restart();
  EXPECT_EQ(must(made->packages().package(made->owner, made->first)), made->package);
  EXPECT_NE(made->package, made->other);
}

TEST_F(Packages, OnlyACompleteContractOfOnesOwnHasOne) {
  EXPECT_ERROR(made->packages().package("user:another", made->first), Code::not_found);
  EXPECT_ERROR(made->packages().package(made->owner, "nothing"), Code::not_found);
  const std::string open = made->begin();
  EXPECT_ERROR(made->packages().package(made->owner, open), Code::conflict);
  EXPECT_OK(made->platform().withdraw(made->owner, open, "test"));
  EXPECT_ERROR(made->packages().package(made->owner, open), Code::conflict);
}

TEST_F(Packages, NothingIsKeptWhileTimeOrStatusCannotBeHad) {
  const std::string id = made->sign_all();
  Weather& weather = made->house.weather;
  weather.time_is_trusted = false;
  EXPECT_ERROR(made->packages().package(made->owner, id), Code::time_untrusted);
  weather.time_is_trusted = true;
  weather.pki_answers = false;
  EXPECT_FALSE(made->packages().package(made->owner, id).has_value());
  weather.pki_answers = true;
  EXPECT_FALSE(is_refused(must(made->packages().package(made->owner, id))));
}

// shows-part: ECP-EVI-3 (the history, ledger proofs, captured features, the report as a document)
// mutant: tests/mutants/ECP-EVI-3.entries, ECP-EVI-3.unlisted
TEST_F(Packages, NoEntryIsChangedRemovedOrAdded) {
  for (const std::string& name : names()) {
    SCOPED_TRACE(name);
    Bytes content = entry(made->package, name);
    content[content.size() / 2] ^= 1;
    const Bytes changed = with(made->package, name, content);
    EXPECT_TRUE(is_refused(without(made->package, name)));
    if (name == "manifest.json" || name == "manifest.p7s") {
      EXPECT_TRUE(is_refused(changed));
    } else {
      expect_fault(changed, Fault::entry_changed, name);
      expect_fault(without(made->package, name), Fault::entry_missing, name);
    }
  }
  for (const std::string name : {"more.txt", "moments/9999.json", "contract2.pdf", "empty/"})
    expect_fault(with(made->package, name, {}), Fault::entry_unlisted, name);
}

TEST_F(Packages, NothingOfAnotherContractsPackageFitsIn) {
  for (const std::string& name : names()) {
    SCOPED_TRACE(name);
    if (made->first.empty() || name.starts_with("certificates/") || name.starts_with("status/"))
      continue;                            // named by what is in them
    if (name == "original.pdf") continue;  // the same in both
    EXPECT_TRUE(is_refused(with(made->package, name, entry(made->other, name))));
  }
  const Bytes signed_by_other =
      with(with(made->package, "manifest.json", entry(made->other, "manifest.json")),
           "manifest.p7s", entry(made->other, "manifest.p7s"));
  expect_fault(signed_by_other, Fault::entry_changed, "contract.pdf");
}

// shows-part: ECP-EVI-3 (the history, ledger proofs, captured features, the report as a document)
// mutant: tests/mutants/ECP-EVI-3.form
TEST_F(Packages, NoOctetOfTheFileIsFree) {
  const std::size_t size = made->package.size();
  for (std::size_t at = 0; at < size; at += at + 4'000 < size ? 1'999 : 23) {
    Bytes changed = made->package;
    changed[at] ^= 0x20;
    EXPECT_TRUE(is_refused(changed)) << at << " of " << size;
  }
  // Closer where the signature is, which nothing else covers.
  const auto signed_parts = must(ofd::Package::open(made->package));
  const ByteView message = signed_parts.find("manifest.p7s")->record;
  const auto begin = static_cast<std::size_t>(message.data() - made->package.data());
  for (std::size_t at = begin; at < begin + message.size(); at += 13) {
    Bytes changed = made->package;
    changed[at] ^= 1;
    EXPECT_TRUE(is_refused(changed)) << at - begin << " of manifest.p7s";
  }
  for (const std::string_view more : {"x", "PK", "comment"}) {
    Bytes longer = made->package, before = base::to_bytes(base::bytes_of(more));
    base::append(longer, base::bytes_of(more));
    EXPECT_TRUE(is_refused(longer)) << more;
    base::append(before, made->package);
    EXPECT_TRUE(is_refused(before)) << more;
  }
  // The same entries in another order.
  const auto parts = must(ofd::Package::open(made->package));
  std::vector<ofd::NewEntry> entries;
  for (const ofd::Entry& one : parts.entries())
    entries.insert(entries.begin(), {one.name, base::to_bytes(must(parts.read(one.name)))});
  expect_fault(must(ofd::write_package(nullptr, entries)), Fault::form_differs);
}

TEST_F(Packages, ATruncatedFileIsUnreadable) {
  const std::size_t size = made->package.size();
  for (const std::size_t keep :
       {std::size_t{0}, std::size_t{3}, std::size_t{22}, size / 2, size - 22, size - 1})
    EXPECT_FALSE(judged(ByteView(made->package).first(keep)).has_value()) << keep;
}

TEST_F(Packages, WhatIsNoPackageIsUnreadable) {
  EXPECT_ERROR(judged(made->house.example()), Code::document_not_ofd);
  const auto archive = [](const std::string& name) {
    return must(ofd::write_package(nullptr, {{name, Bytes(10, 'x')}}));
  };
  EXPECT_ERROR(judged(archive("manifest.json")), Code::malformed);
  EXPECT_ERROR(judged(archive("manifest.p7s")), Code::malformed);
}

// An entry that claims to become larger than what stands there is not unpacked.
TEST_F(Packages, BombsAreRefusedBeforeTheyAreUnpacked) {
  std::vector<ofd::NewEntry> many(evidence::kEntriesMax + 1);
  for (std::size_t i = 0; i < many.size(); ++i) many[i].name = std::to_string(i);
  EXPECT_ERROR(judged(must(ofd::write_package(nullptr, many))), Code::limit_exceeded);
  EXPECT_ERROR(judged(Bytes(evidence::kPackageSizeMax + 1)), Code::limit_exceeded);
  // Sizes of the first entry in its local header (22) and its record in the directory (24).
  Bytes claims = made->package;
  const auto parts = must(ofd::Package::open(made->package));
  const ByteView record = parts.entries()[0].directory_record;
  const std::size_t in_directory =
      static_cast<std::size_t>(record.data() - parts.file().data()) + 24;
  for (const std::size_t at : {std::size_t{22}, in_directory}) claims[at + 3] = 0x7F;  // 2 GiB
  EXPECT_FALSE(judged(claims).has_value());
}

// shows: ECP-TS-4
// shows-part: ECP-EVI-3 (the history, ledger proofs, captured features, the report as a document)
// mutant: tests/mutants/ECP-EVI-3.earlier
TEST_F(Packages, MomentsHoldTogetherUnderATrueSignatureToo) {
  const evidence::Content good = made->content();
  ASSERT_EQ(must(judged(made->packed(good))).verdict, Verdict::valid);
  const auto packed = [&](const std::function<void(evidence::Content&)>& change) {
    evidence::Content content = good;
    change(content);
    return made->packed(content);
  };
  expect_fault(packed([](auto& c) { std::swap(c.moments[0].token, c.moments[1].token); }),
               Fault::moment_invalid, "moments/0001.tst");
  expect_fault(packed([](auto& c) { c.moments[0].token = c.moments[6].token; }),
               Fault::moment_invalid, "moments/0001.tst");
  expect_fault(packed([](auto& c) { c.moments.erase(c.moments.begin()); }), Fault::moment_differs,
               "moments/0006.json");
  expect_fault(packed([](auto& c) { std::swap(c.moments[0], c.moments[1]); }),
               Fault::moment_differs, "moments/0007.json");
  expect_fault(packed([](auto& c) { c.moments.pop_back(); }), Fault::moment_missing);
  expect_fault(packed([](auto& c) { c.moments.clear(); }), Fault::moment_missing);
  expect_fault(packed([](auto& c) { c.moments.push_back(c.moments[0]); }), Fault::moment_differs,
               "moments/0008.json");
  expect_fault(packed([](auto& c) { c.moments[0].record += " "; }), Fault::moment_invalid);
  expect_fault(packed([](auto& c) { c.moments[0].record = "[]"; }), Fault::entry_unreadable);
  // Another signing attempt than the one in the file.
  expect_fault(packed([](auto& c) { c.moments.erase(c.moments.begin() + 2); }),
               Fault::moment_missing);
}

// shows-part: ECP-EVI-3 (the history, ledger proofs, captured features, the report as a document)
// mutant: tests/mutants/ECP-EVI-3.subject
TEST_F(Packages, PartsOfAnotherContractAreNotOfThisOneUnderATrueSignatureEither) {
  const evidence::Content good = made->content();
  const auto moments = must(made->platform().moments(made->owner, made->second));
  evidence::Content content = good;
  content.moments[0] = {services::contract::record_of(moments[0].deed), moments[0].token};
  expect_fault(made->packed(content), Fault::moment_differs, "moments/0001.json");
  content = good;
  content.document = must(made->platform().document(made->get(made->second)));
  expect_fault(made->packed(content), Fault::moment_differs, "moments/0007.json");
  expect_fault(made->packed(content), Fault::moment_missing);
  content = good;
  content.contract = made->second;
  expect_fault(made->packed(content), Fault::moment_differs, "moments/0001.json");
}

// shows-part: ECP-EVI-3 (the history, ledger proofs, captured features, the report as a document)
// mutant: tests/mutants/ECP-EVI-3.original
TEST_F(Packages, TheFileIsTheOnePartiesSignedOfTheOriginal) {
  const evidence::Content good = made->content();
  evidence::Content content = good;
  content.original[100] ^= 1;
  expect_fault(made->packed(content), Fault::original_differs);
  content = good;
  content.original.clear();
  expect_fault(made->packed(content), Fault::original_differs);
  content = good;
  content.document[content.original.size() / 2] ^= 1;
  EXPECT_TRUE(is_refused(made->packed(content)));
  content = good;
  content.document = content.original;
  expect_fault(made->packed(content), Fault::document_invalid);
  content = good;
  std::swap(content.parties[0].person, content.parties[1].person);
  expect_fault(made->packed(content), Fault::party_differs);
  content = good;
  content.parties.clear();
  expect_fault(made->packed(content), Fault::party_differs);
  content = good;
  content.certificates.push_back(Bytes(10, 'x'));
  expect_fault(made->packed(content), Fault::entry_unreadable);
}

// Signer is somebody else who signs a manifest.
struct Signer {
  x509::Certificate certificate;
  std::shared_ptr<x509::Signer> key;
};

Bytes packed_by(const evidence::Content& content, const Signer& signer,
                const std::function<Bytes(ByteView)>& stamp) {
  evidence::Draft draft = must(evidence::make_draft(content));
  const Bytes signature = must(signer.key->sign(draft.statement));
  return must(
      evidence::finish_package(std::move(draft), signer.certificate, signature, stamp(signature)));
}

// wish_of imitates the certificate of the platform.
CertificateWish platform_wish() {
  CertificateWish wish;
  wish.common_name = "Heqi Test Contracts";
  wish.usage = {pki::KeyUsageBit::digital_signature};
  wish.purposes = {x509::oids::purpose_client_auth()};
  return wish;
}

TEST_F(Packages, AManifestOfAnotherRootIsNotThePlatforms) {
  Authority foreign(7);
  const Credential imitation = foreign.make(platform_wish());
  evidence::Content content = made->content();
  content.certificates.push_back(base::to_bytes(foreign.issuing().certificate.der()));
  content.certificates.push_back(base::to_bytes(foreign.root().certificate.der()));
  const base::Time now = made->house.clock.now();
  const Signer signer{imitation.certificate, imitation.signer};
  const auto own_time = [&](ByteView data) {
    return must(made->house.services->trust.stamp(data));
  };
  const auto foreign_time = [&](ByteView data) { return foreign.make_time_stamp(data, now); };
  expect_fault(packed_by(content, signer, own_time), Fault::signature_untrusted);
  expect_fault(packed_by(content, signer, foreign_time), Fault::signature_untrusted);
}

// shows-part: ECP-EVI-3 (the history, ledger proofs, captured features, the report as a document)
// mutant: tests/mutants/ECP-EVI-3.platform
TEST_F(Packages, NobodyElseUnderTheSameRootSpeaksForThePlatform) {
  const auto& of_platform = made->house.hierarchy().application;
  const std::vector<std::pair<std::string, std::vector<asn1::Oid>>> others = {
      {"Somebody Else", {x509::oids::purpose_client_auth()}},
      {"Heqi Test Contracts",
       {x509::oids::purpose_client_auth(), x509::oids::purpose_time_stamping()}},
      {"Heqi Test Contracts", {}},
      {"Heqi Test Contracts", {x509::oids::purpose_time_stamping()}}};
  ASSERT_EQ(of_platform.subject().find(x509::oids::common_name()), "Heqi Test Contracts");
  // One authority for all of it: its own platform is taken, the others are not.
  Authority authority(9);
  const base::Time now = made->house.clock.now();
  const auto stamp = [&](ByteView data) { return authority.make_time_stamp(data, now); };
  const auto faults = [&](const CertificateWish& wish) {
    const Credential one = authority.make(wish);
    evidence::Content content = made->content();
    content.certificates.push_back(base::to_bytes(authority.issuing().certificate.der()));
    pki::TrustStore both = authority.trust();
    EXPECT_OK(both.add(made->house.hierarchy().root));
    return must(judge(packed_by(content, {one.certificate, one.signer}, stamp), both, now,
                      made->house.services->trust.algorithms()));
  };
  const auto accepted = faults(platform_wish());
  EXPECT_EQ(accepted.verdict, Verdict::valid) << words(accepted);
  for (const auto& [name, purposes] : others) {
    CertificateWish wish = platform_wish();
    wish.common_name = name, wish.purposes = purposes;
    const auto report = faults(wish);
    EXPECT_EQ(report.verdict, Verdict::invalid) << name << words(report);
    EXPECT_TRUE(report.contract.empty());
  }
  // A key of another purpose does not sign a manifest at all.
  const evidence::Draft draft = must(evidence::make_draft(made->content()));
  EXPECT_ERROR(made->house.services->time_stamp_signer.sign(draft.statement), Code::denied);
  EXPECT_ERROR(made->house.services->issuing.sign(draft.statement), Code::denied);
}

TEST_F(Packages, ASignatureIsOverThisManifestAndStampedItself) {
  const evidence::Content content = made->content();
  const auto signed_with = [&](const Bytes& statement, const Bytes& stamped) {
    evidence::Draft draft = must(evidence::make_draft(content));
    const Bytes signature = must(
        made->house.services->application.sign(statement.empty() ? draft.statement : statement));
    const Bytes token =
        must(made->house.services->trust.stamp(stamped.empty() ? signature : stamped));
    return must(evidence::finish_package(std::move(draft), made->house.hierarchy().application,
                                         signature, token));
  };
  EXPECT_FALSE(is_refused(signed_with({}, {})));
  expect_fault(signed_with({}, Bytes(3, 'x')), Fault::signature_invalid);
  evidence::Content changed = content;
  changed.title += "!";
  expect_fault(signed_with(must(evidence::make_draft(changed)).statement, {}),
               Fault::signature_invalid);
  // What the platform signs as an application is no manifest.
  const ByteView request = base::bytes_of("HEQI-SM2-1\nheqi-contracts\n1\nPOST\n/told\n");
  expect_fault(signed_with(base::to_bytes(request), {}), Fault::signature_invalid);
  expect_fault(signed_with(Bytes{0x30, 0x03, 0x02, 0x01, 0x05}, {}), Fault::signature_invalid);
}

// shows-part: ECP-3.2.4.2-e (tenants; taking the package over into another installation)
TEST(PackagesElsewhere, APackageVerifiesOnAnotherMachineUnderItsOwnRootAlone) {
  TemporaryFolder folder;
  const auto at = [&](const std::string& name) { return folder.path() + "/" + name; };
  std::string when;
  for (const auto& [name, seed] : {std::pair{"one", 1U}, {"two", 2U}}) {
    Installation made(seed);
    ASSERT_OK(base::write_file(at(std::string(name) + ".zip"), made.package));
    ASSERT_OK(base::write_file(at(std::string(name) + ".pem"),
                               base::bytes_of(x509::to_pem(made.house.hierarchy().root))));
    when = base::to_rfc3339(made.house.clock.now());
  }
  // The platforms are gone; what is left are two files and a program.
  const auto verify = [&](const std::string& package, const std::string& root) {
    return demo::shell("cd " + folder.path() + " && " HEQI_PROGRAM " evidence verify --json --at " +
                       when + " --trust " + root + " " + package);
  };
  for (const std::string name : {"one", "two"}) {
    const demo::Ran ran = verify(name + ".zip", name + ".pem");
    EXPECT_EQ(ran.status, 0) << ran.output;
    EXPECT_NE(ran.output.find("\"verdict\":\"VALID\""), std::string::npos) << ran.output;
  }
  for (const auto& [package, root] : {std::pair{"one.zip", "two.pem"}, {"two.zip", "one.pem"}}) {
    const demo::Ran ran = verify(package, root);
    EXPECT_EQ(ran.status, 1) << ran.output;
    EXPECT_NE(ran.output.find("\"signature_untrusted\""), std::string::npos) << ran.output;
  }
  EXPECT_EQ(verify("one.pem", "one.pem").status, 2);
  EXPECT_EQ(verify("missing.zip", "one.pem").status, 2);
  EXPECT_EQ(verify("one.zip", "missing.pem").status, 2);
}

}  // namespace
}  // namespace heqi::testing
