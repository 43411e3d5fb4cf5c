// A seal in /Contents: what it must be, whose, when, and over what.
#include <heqi/documents/seal/verify.h>

#include "attack_case.h"
#include "flips.h"

namespace heqi::documents::verify {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// Making is one seal and its use; a case changes what is about to be written.
struct Making {
  seal::SealRequest seal;
  const Credential* maker = nullptr;
  const Credential* signer = nullptr;
  base::Time time = kSignedAt;
  bool with_stamp = true;
  std::function<Bytes(ByteView content)> hash = [](ByteView content) {
    const crypto::Digest digest = crypto::sm3(content);
    return Bytes(digest.begin(), digest.end());
  };
  std::function<Bytes(const Bytes&)> seal_changed, to_sign_changed, value_changed, message_changed;
  std::function<Bytes(ByteView value)> token;
};

Bytes changed(const std::function<Bytes(const Bytes&)>& how, Bytes octets) {
  return how ? how(octets) : octets;
}

// replaced puts to, which is as long, in the place of from.
Bytes replaced(const Bytes& octets, const Bytes& from, const Bytes& to) {
  Bytes out = octets;
  const auto place = std::search(out.begin(), out.end(), from.begin(), from.end());
  HEQI_CHECK(place != out.end() && from.size() == to.size());
  std::copy(to.begin(), to.end(), place);
  return out;
}

struct Scene {
  SigningDesk desk;
  Authority stranger{99};
  Credential maker = desk.authority.make_person("Seal Maker");
  Credential alice = desk.authority.make_person("Alice");
  Credential mallory = desk.authority.make_person("Mallory");
  Credential eve = stranger.make_person("Eve");
  Bytes ready = SigningDesk::with_fields(seed_files()[0], 3);

  seal::ExtensionData above() const {
    return seal::make_certificate_values(desk.authority.chain());
  }
  Making usual() const {
    Making out;
    out.seal.info.vendor = "Heqi";
    out.seal.info.id = "11010800000001";
    out.seal.info.name = "合契科技有限公司";
    out.seal.info.created = out.seal.info.valid_from = at("2026-01-02T00:00:00Z");
    out.seal.info.valid_until = at("2027-01-02T00:00:00Z");
    out.seal.info.picture = {"PNG", one_pixel(), 40, 40};
    out.seal.signers = {alice.certificate};
    out.seal.info.extensions = {above()};
    out.maker = &maker, out.signer = &alice;
    return out;
  }
  static pdf::SignatureRequest request(const std::string& field, base::Time time) {
    pdf::SignatureRequest out = SigningDesk::request(field, time);
    out.filter = "Gomain.GMPkiLite", out.sub_filter = "GM.sm2seal";
    return out;
  }
  Bytes message(const Making& how, ByteView content) {
    const Bytes made =
        changed(how.seal_changed,
                must(seal::make_seal(how.seal, how.maker->certificate, *how.maker->signer)));
    const Bytes to_sign =
        changed(how.to_sign_changed,
                must(seal::encode_to_sign(
                    {made, how.time, how.hash(content), "PDF /ByteRange", {above()}})));
    const Bytes value = changed(how.value_changed, must(how.signer->signer->sign(to_sign)));
    std::optional<Bytes> token;
    if (how.token)
      token = how.token(value);
    else if (how.with_stamp)
      token = desk.authority.make_time_stamp(value, how.time);
    return changed(how.message_changed, must(seal::assemble_sealed_signature(
                                            to_sign, how.signer->certificate,
                                            how.signer->signer->algorithm(), value, token)));
  }
  Bytes sealed(ByteView file, const std::string& field, const Making& how) {
    const auto prepared = must(pdf::prepare_signature(file, request(field, how.time)));
    return with_message(prepared, message(how, prepared.content_to_sign()));
  }
  Bytes sealed(const Making& how) { return sealed(ready, "party1", how); }
  Bytes sealed(const std::function<void(Making&)>& change) {
    Making how = usual();
    change(how);
    return sealed(how);
  }
  // lasting adds validation data and a document time-stamp.
  Bytes lasting(const Bytes& file) {
    return desk.add_stamp(desk.add_data(file, {alice, maker}, kSignedAt + minutes(10)),
                          kSignedAt + minutes(15));
  }
};

// shows-part: ECP-DOC-1, ECP-DOC-5a (a seal in a PDF)
TEST(SealInPdf, IsJudgedOnAllAxes) {
  Scene s;
  const Report report = must(verify_pdf(s.lasting(s.sealed(s.usual())), s.desk.options()));
  EXPECT_EQ(report.verdict, Verdict::valid) << words(report);
  ASSERT_EQ(report.signatures.size(), 2u);
  const SignatureReport& one = report.signatures[0];
  EXPECT_EQ(one.format, Format::ok);
  EXPECT_EQ(one.integrity, Integrity::intact);
  EXPECT_EQ(one.signature, SignatureValue::valid);
  EXPECT_EQ(one.coverage, Coverage::whole_revision);
  EXPECT_EQ(one.later_changes, LaterChanges::lta_only);
  EXPECT_EQ(one.certificate, CertificateState::trusted);
  EXPECT_EQ(one.time, TimeProof::time_stamped);
  EXPECT_EQ(one.best_time, kSignedAt);
  EXPECT_EQ(one.seal, Seal::valid);
  EXPECT_EQ(one.policy, Policy::strong);
  EXPECT_EQ(one.binding, "data_hash");
  ASSERT_TRUE(one.seal_used);
  EXPECT_EQ(one.seal_used->name, "合契科技有限公司");
  EXPECT_EQ(one.seal_used->width_mm, 40);
  EXPECT_EQ(one.seal_used->steps.size(), seal::kSteps);
  EXPECT_EQ(one.seal_used->maker->common_name, "Seal Maker");
  EXPECT_EQ(one.signer->common_name, "Alice");
}

// shows-part: ECP-DOC-1 (seals and messages in one PDF)
TEST(SealInPdf, StandsBesideSignaturesAndOtherSeals) {
  Scene s;
  Bytes file = s.sealed(s.usual());
  file = s.desk.sign(file, "party2", s.mallory, kSignedAt + minutes(1));
  Making later = s.usual();
  later.time += minutes(2);
  file = s.sealed(file, "party3", later);
  const Report report = must(verify_pdf(file, s.desk.options()));
  EXPECT_EQ(report.verdict, Verdict::valid) << words(report);
  ASSERT_EQ(report.signatures.size(), 3u);
  EXPECT_EQ(report.signatures[1].seal, Seal::not_applicable);
  EXPECT_EQ(report.signatures[2].coverage, Coverage::whole_document);
}

// A later document time-stamp proves that an ended seal was used before it ended.
// shows-part: ECP-DOC-1 (a seal in a PDF that has ended)
TEST(SealInPdf, ThatEndedIsJudgedAtTheTimeThatIsProved) {
  Scene s;
  Making how = s.usual();
  how.with_stamp = false;
  how.seal.info.valid_until = kSignedAt + hours(1);
  const Bytes file = s.sealed(how);
  const Report bare = must(verify_pdf(file, s.desk.options()));
  EXPECT_EQ(bare.verdict, Verdict::indeterminate) << words(bare);
  EXPECT_TRUE(has(bare, Reason::seal_period_unproved));
  const Report stamped = must(verify_pdf(s.lasting(file), s.desk.options()));
  EXPECT_EQ(stamped.verdict, Verdict::valid) << words(stamped);
  EXPECT_EQ(stamped.signatures[0].best_time_source, "document_time_stamp");
}

// shows-part: ECP-DOC-1, ECP-DOC-5b (a seal in a PDF)
TEST(SealAttack, ForeignSealsAreCaught) {
  Scene s;
  const auto with = [&](const std::function<void(Making&)>& change) {
    return [&s, change] { return s.sealed(change); };
  };
  expect_caught(
      {{"borrowed", with([&](Making& m) { m.signer = &s.mallory; }), Reason::seal_not_the_signers},
       {"borrowed, with the certificate of its user", with([&](Making& m) {
          m.signer = &s.mallory;
          m.message_changed = [&](const Bytes& der) {
            auto parsed = must(seal::parse_sealed_signature(der));
            return must(seal::assemble_sealed_signature(parsed.to_sign, s.alice.certificate,
                                                        s.alice.signer->algorithm(),
                                                        parsed.signature));
          };
        }),
        Reason::signature_bad},
       {"swapped after signing", with([&](Making& m) {
          m.message_changed = [&](const Bytes& der) {
            auto parsed = must(seal::parse_sealed_signature(der));
            seal::SealRequest other = s.usual().seal;
            other.info.id = "11010800000002";
            const Bytes made = must(seal::make_seal(other, s.maker.certificate, *s.maker.signer));
            const Bytes to_sign = must(
                seal::encode_to_sign({made, kSignedAt, parsed.data_hash, parsed.property, {}}));
            return must(seal::assemble_sealed_signature(
                to_sign, s.alice.certificate, s.alice.signer->algorithm(), parsed.signature));
          };
        }),
        Reason::signature_bad},
       {"made by a stranger", with([&](Making& m) { m.maker = &s.eve; }),
        Reason::seal_maker_untrusted},
       {"renamed after it was made", with([](Making& m) {
          m.seal_changed = [](const Bytes& der) {
            return replaced(der, base::to_bytes("有限公司"), base::to_bytes("无限公司"));
          };
        }),
        Reason::seal_signature_bad},
       {"ended when it was used",
        with([](Making& m) { m.seal.info.valid_until = kSignedAt - hours(1); }),
        Reason::seal_not_in_force},
       {"not yet in force", with([](Making& m) { m.seal.info.valid_from = kSignedAt + hours(1); }),
        Reason::seal_not_in_force},
       {"with a picture that is none", with([](Making& m) {
          m.seal_changed = [](const Bytes& der) {
            return replaced(der, base::to_bytes("IHDR"), base::to_bytes("IHDX"));
          };
        }),
        Reason::seal_picture_bad},
       {"used by a stranger", with([&](Making& m) {
          m.signer = &s.eve;
          m.seal.signers = {s.eve.certificate};
        }),
        Reason::certificate_untrusted}},
      s.desk.options());
}

// shows-part: ECP-DOC-1, ECP-DOC-5a (a seal in a PDF)
TEST(SealAttack, OtherContentsAreCaught) {
  Scene s;
  const auto with = [&](const std::function<void(Making&)>& change) {
    return [&s, change] { return s.sealed(change); };
  };
  expect_caught(
      {{"the hash of another document", with([](Making& m) {
          m.hash = [](ByteView) {
            const crypto::Digest other = crypto::sm3(base::bytes_of("another document"));
            return Bytes(other.begin(), other.end());
          };
        }),
        Reason::digest_mismatch},
       {"a hash of nothing", with([](Making& m) { m.hash = [](ByteView) { return Bytes(1); }; }),
        Reason::digest_mismatch},
       {"taken from another document",
        [&] {
          const auto other = must(pdf::prepare_signature(
              SigningDesk::with_fields(seed_files()[1], 3), Scene::request("party1", kSignedAt)));
          const auto own =
              must(pdf::prepare_signature(s.ready, Scene::request("party1", kSignedAt)));
          return with_message(own, s.message(s.usual(), other.content_to_sign()));
        },
        Reason::digest_mismatch},
       {"a value of other octets", with([&](Making& m) {
          m.value_changed = [&](const Bytes&) {
            return must(s.alice.signer->sign(base::bytes_of("other")));
          };
        }),
        Reason::signature_bad},
       {"a value of zeros",
        with([](Making& m) { m.value_changed = [](const Bytes&) { return Bytes(64); }; }),
        Reason::signature_bad},
       {"the seal alone", with([&](Making& m) {
          m.message_changed = [&](const Bytes& der) {
            return must(seal::parse_sealed_signature(der)).seal.der;
          };
        }),
        Reason::contents_malformed}},
      s.desk.options());
}

// shows-part: ECP-DOC-1 (a seal in a PDF)
TEST(SealAttack, OtherPlacesInTheFileAreCaught) {
  Scene s;
  expect_caught({{"/Contents padded with other octets",
                  [&] {
                    const Bytes file = s.sealed(s.usual());
                    const auto found = must(pdf::find_signatures(must(pdf::Document::parse(file))));
                    Bytes out = file;
                    out[found[0].contents_place.end - 3] = '1';
                    return out;
                  },
                  Reason::contents_malformed},
                 {"in the dictionary of a document time-stamp",
                  [&] {
                    const auto hole = must(pdf::prepare_document_time_stamp(s.ready, {}));
                    return with_message(hole, s.message(s.usual(), hole.content_to_sign()));
                  },
                  Reason::time_stamp_type_differs},
                 {"a page changed after it was sealed",
                  [&] {
                    Edit edit(s.sealed(s.usual()));
                    edit.put_stream(edit.content(), "BT (another text) Tj ET");
                    return edit.finish();
                  },
                  Reason::changed_otherwise},
                 {"a second seal in the same field",
                  [&] {
                    const Bytes file = s.sealed(s.usual());
                    Edit edit(file);
                    edit.change(edit.field("party2"),
                                [&](pdf::Dictionary& d) { d.set("V", edit.signature("party1")); });
                    return edit.finish();
                  },
                  Reason::dictionary_shared}},
                s.desk.options());
}

// What follows the sealed signature is no DER SEQUENCE with it: it is put into the hole by hand.
TEST(SealAttack, OctetsBehindTheSealAreCaught) {
  Scene s;
  const auto prepared = must(pdf::prepare_signature(s.ready, Scene::request("party1", kSignedAt)));
  const Bytes good = s.message(s.usual(), prepared.content_to_sign());
  for (const Bytes& more : {Bytes{0x30, 0x00}, Bytes{0x00, 0x00, 0x01}}) {
    Bytes file = prepared.file;
    const std::string digits = base::to_hex(base::concat({good, more}));
    std::copy(digits.begin(), digits.end(),
              file.begin() + static_cast<std::ptrdiff_t>(prepared.contents_begin + 1));
    const Report report = must(verify_pdf(file, s.desk.options()));
    EXPECT_EQ(report.verdict, Verdict::invalid) << words(report);
    EXPECT_TRUE(has(report, Reason::contents_malformed)) << words(report);
  }
}

// shows-part: ECP-DOC-5b (a seal in a PDF: its time)
TEST(SealAttack, ForeignTimesAreCaught) {
  Scene s;
  const auto with = [&](const std::function<Bytes(ByteView)>& token) {
    return [&s, token] { return s.sealed([&](Making& m) { m.token = token; }); };
  };
  Authority& own = s.desk.authority;
  expect_caught(
      {{"a time-stamp of another value",
        with([&](ByteView) { return own.make_time_stamp(base::bytes_of("other"), kSignedAt); }),
        Reason::time_stamp_bad},
       {"a stranger's time-stamp",
        with([&](ByteView value) { return s.stranger.make_time_stamp(value, kSignedAt); }),
        Reason::time_stamp_untrusted},
       {"a time-stamp from the future",
        with([&](ByteView value) { return own.make_time_stamp(value, kNow + hours(24)); }),
        Reason::time_inconsistent},
       {"claimed after the time-stamp",
        with([&](ByteView value) { return own.make_time_stamp(value, kSignedAt - hours(2)); }),
        Reason::time_inconsistent},
       {"something else carried in the time-stamp", with([&](ByteView value) {
          return must(
              pki::add_unsigned_attribute(own.make_time_stamp(value, kSignedAt),
                                          {asn1::Oid::of("1.3.6.1.4.1.32473.9"), {{0x05, 0x00}}}));
        }),
        Reason::unprotected_content}},
      s.desk.options());
}

VerifyOptions with_list(Scene& s, const std::vector<seal::SealStatusEntry>& entries,
                        base::Time until) {
  VerifyOptions options = s.desk.options();
  const Bytes list = must(seal::make_status_list(kSignedAt - hours(1), until, entries,
                                                 s.maker.certificate, *s.maker.signer));
  options.seal_status = {must(seal::parse_status_list(list))};
  return options;
}

// shows-part: ECP-DOC-1 (a list of withdrawn seals)
TEST(SealStatus, IsAskedWhereAListIsGiven) {
  Scene s;
  const Bytes file = s.sealed(s.usual());
  const std::string id = s.usual().seal.info.id;
  const Report before =
      must(verify_pdf(file, with_list(s, {{id, kSignedAt - minutes(1)}}, kNow + hours(1))));
  EXPECT_EQ(before.verdict, Verdict::invalid);
  EXPECT_TRUE(has(before, Reason::seal_withdrawn)) << words(before);
  EXPECT_EQ(before.signatures[0].seal, Seal::withdrawn);
  const Report after =
      must(verify_pdf(file, with_list(s, {{id, kSignedAt + minutes(1)}}, kNow + hours(1))));
  EXPECT_EQ(after.verdict, Verdict::valid) << words(after);
  const Report old = must(verify_pdf(file, with_list(s, {}, kSignedAt - minutes(1))));
  EXPECT_EQ(old.verdict, Verdict::indeterminate);
  EXPECT_TRUE(has(old, Reason::seal_status_unknown)) << words(old);
}

TEST(SealInPdf, UnderAnotherNameIsToldAndJudged) {
  Scene s;
  pdf::SignatureRequest request = Scene::request("party1", kSignedAt);
  request.sub_filter = "adbe.pkcs7.detached";
  const auto prepared = must(pdf::prepare_signature(s.ready, request));
  const Report report = must(verify_pdf(
      with_message(prepared, s.message(s.usual(), prepared.content_to_sign())), s.desk.options()));
  EXPECT_EQ(report.verdict, Verdict::valid_with_notes) << words(report);
  EXPECT_TRUE(has(report, Reason::sub_filter_differs));
}

// shows-part: ECP-CON-11 (a sealed PDF)
TEST(SealInPdf, IsNeverPlainlyValidWithAFlippedBit) {
  Scene s;
  const Bytes file = s.sealed(s.usual());
  const VerifyOptions options = s.desk.options();
  ASSERT_EQ(must(verify_pdf(file, options)).verdict, Verdict::valid);
  const auto found = must(pdf::find_signatures(must(pdf::Document::parse(file))));
  const std::size_t begin = found[0].contents_place.begin + 1;
  const std::size_t digits = 2 * must(pki::der_prefix_of(found[0].contents)).size();
  testing::SeededRandom random(7);
  for (std::size_t i = 0; i < digits; i += 11)
    expect_told(file, begin + i, static_cast<unsigned>(random.below(8)), options);
  for (int i = 0; i < 100; ++i)
    expect_told(file, random.below(file.size()), static_cast<unsigned>(random.below(8)), options);
}

}  // namespace
}  // namespace heqi::documents::verify
